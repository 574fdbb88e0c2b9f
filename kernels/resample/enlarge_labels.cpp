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
  if (dst.extent.empty()) return;
  for_each_band(q, dst.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const Between v = between(y, factor, src.height());
      const std::uint32_t *low = src.row(v.low), *high = src.row(v.high);
      std::uint32_t* out = dst.row(y);
      // The pixels between the centres of coarse columns c and c + 1 see the same four labels.
      for (int c = -1; c < src.width(); ++c) {
        const int begin_x = std::max(0, c * factor + factor / 2),
                  end_x = std::min(dst.width(), (c + 1) * factor + factor / 2);
        const int left = std::max(c, 0), right = std::min(c + 1, src.width() - 1);
        const std::array<std::uint32_t, 4> label{low[left], low[right], high[left], high[right]};
        if (label[0] == label[1] && label[0] == label[2] && label[0] == label[3]) {
          std::fill(out + begin_x, out + std::max(begin_x, end_x), label[0]);
          continue;
        }
        for (int x = begin_x; x < end_x; ++x) {
          const Between u = between(x, factor, src.width());
          out[x] = heaviest(label, {u.low_weight * v.low_weight, u.high_weight * v.low_weight,
                                    u.low_weight * v.high_weight, u.high_weight * v.high_weight});
        }
      }
    }
  });
}

}  // namespace hexaplex
