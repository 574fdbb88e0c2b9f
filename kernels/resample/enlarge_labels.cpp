#include "kernels/resample/enlarge_labels.h"

#include <algorithm>
#include <array>

#include "kernels/resample/shrink.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// The two coarse pixels between whose centres a pixel lies, and their weights in 1 / (2 factor).
struct Between {
  int low, high, low_weight, high_weight;
};

Between between(int pixel, int factor, int coarse_size) {
  const int position = 2 * pixel + 1 - factor;  // from the centre of coarse pixel 0, in 1 / (2 factor)
  if (position < 0) return {0, 0, 2 * factor, 0};
  const int low = position / (2 * factor), rest = position % (2 * factor);
  return {low, std::min(low + 1, coarse_size - 1), 2 * factor - rest, rest};
}

std::uint32_t heaviest(const std::array<std::uint32_t, 4>& label, const std::array<int, 4>& weight) {
  std::uint32_t best = label[0];
  int most = -1;
  for (std::uint32_t candidate : label) {
    int sum = 0;
    for (int i = 0; i < 4; ++i) sum += label[i] == candidate ? weight[i] : 0;
    if (sum > most || (sum == most && candidate < best)) best = candidate, most = sum;
  }
  return best;
}

}  // namespace

void enlarge_labels(CpuQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor) {
  HX_EXPECT(src.extent == shrunk_extent(dst.extent, factor), "src has another extent than dst shrunk by the factor");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  for_each_band(q, dst.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const Between v = between(y, factor, src.height());
      const std::uint32_t *low = src.row(v.low), *high = src.row(v.high);
      std::uint32_t* out = dst.row(y);
      for (int x = 0; x < dst.width(); ++x) {
        const Between u = between(x, factor, src.width());
        const std::array<std::uint32_t, 4> label{low[u.low], low[u.high], high[u.low], high[u.high]};
        if (label[0] == label[1] && label[0] == label[2] && label[0] == label[3]) {
          out[x] = label[0];
          continue;
        }
        out[x] = heaviest(label, {u.low_weight * v.low_weight, u.high_weight * v.low_weight,
                                  u.low_weight * v.high_weight, u.high_weight * v.high_weight});
      }
    }
  });
}

}  // namespace hexaplex
