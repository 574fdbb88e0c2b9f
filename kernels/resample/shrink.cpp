#include "kernels/resample/shrink.h"

#include <algorithm>
#include <vector>

#include "kernels/resample/shrink_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {
HX_CLONES void add_row(const std::uint16_t* row, std::uint32_t* sums, int n) {
  for (int x = 0; x < n; ++x) sums[x] += row[x];
}
}  // namespace

Extent shrunk_extent(Extent full, int factor) {
  HX_EXPECT(factor >= 1 && factor <= 256, "the factor must lie in 1..256");
  return {(full.width + factor - 1) / factor, (full.height + factor - 1) / factor};
}

void shrink(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, int factor) {
  HX_EXPECT(dst.extent == shrunk_extent(src.extent, factor), "dst has another extent than src shrunk by the factor");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  if (dst.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::shrink(queue, src, dst, factor); }, q);
}

namespace detail {

void shrink(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, int factor) {
  for_each_band(q, dst.height(), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint32_t> sums(src.width());
    for (int y = static_cast<int>(begin); y < end; ++y) {
      std::fill(sums.begin(), sums.end(), 0);
      const int top = y * factor, bottom = std::min(top + factor, src.height());
      for (int v = top; v < bottom; ++v) add_row(src.row(v), sums.data(), src.width());
      for (int x = 0; x < dst.width(); ++x) {
        const int left = x * factor, right = std::min(left + factor, src.width());
        std::uint32_t sum = 0;
        for (int u = left; u < right; ++u) sum += sums[u];
        const auto pixels = static_cast<std::uint32_t>((bottom - top) * (right - left));
        dst(x, y) = rounded_mean(sum, pixels);
      }
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
