#include "kernels/segment/expand.h"

#include <algorithm>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {
// Squared distance above, label below: one comparison decides by distance, then by label.
constexpr std::uint64_t kNothing = ~std::uint64_t{0};

std::uint64_t key(std::uint64_t squared, std::uint32_t label) {
  return squared << 32 | label;
}

HX_CLONES void lower_of(const std::uint64_t* left, const std::uint64_t* right, std::uint64_t add, std::uint64_t* best,
                        int n) {
  for (int x = 0; x < n; ++x) {
    const std::uint64_t v = std::min(left[x], right[x]) + add;
    best[x] = std::min(best[x], v);
  }
}
}  // namespace

int expand_halo(const ExpandParams& p) {
  const int floor = static_cast<int>(p.distance_px);
  return floor + (p.distance_px > floor ? 1 : 0);
}

void expand_labels(CpuQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(p.distance_px >= 0 && p.distance_px < 255, "distance_px must lie in 0..254");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  const int reach = static_cast<int>(p.distance_px), width = src.width(), height = src.height();
  const auto limit = static_cast<std::uint64_t>(p.distance_px * p.distance_px);
  for_each_band(q, height, 32, [&](std::int64_t begin, std::int64_t end) {
    // Best key of each column, padded so that the row pass needs no tests. Unreached columns stay far away: adding a
    // squared distance must not wrap around.
    constexpr std::uint64_t kFar = kNothing >> 1;
    std::vector<std::uint64_t> column(width + 2 * reach, kFar), best(width);
    for (int y = static_cast<int>(begin); y < end; ++y) {
      std::uint64_t* c = column.data() + reach;
      const std::uint32_t* row = src.row(y);
      bool any = false, full = true;
      for (int x = 0; x < width; ++x) {
        c[x] = row[x] != 0 ? key(0, row[x]) : kFar;
        full &= row[x] != 0;
        any |= row[x] != 0;
      }
      for (int k = 1; k <= reach && !full; ++k) {
        const auto squared = static_cast<std::uint64_t>(k) * k;
        for (int to : {y - k, y + k}) {
          if (to < 0 || to >= height) continue;
          const std::uint32_t* other = src.row(to);
          for (int x = 0; x < width; ++x) {
            const std::uint64_t v = other[x] != 0 ? key(squared, other[x]) : kFar;
            any |= other[x] != 0;
            c[x] = std::min(c[x], v);
          }
        }
      }
      std::uint32_t* out = dst.row(y);
      if (!any || full) {
        std::copy_n(row, width, out);
        continue;
      }
      std::copy_n(c, width, best.data());
      for (int k = 1; k <= reach; ++k)
        lower_of(c - k, c + k, static_cast<std::uint64_t>(k) * k << 32, best.data(), width);
      for (int x = 0; x < width; ++x)
        out[x] = row[x] != 0 ? row[x] : (best[x] >> 32) <= limit ? static_cast<std::uint32_t>(best[x]) : 0;
    }
  });
}

}  // namespace hexaplex
