#include "kernels/morphology/dilate_square.h"

#include <algorithm>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {
HX_CLONES void or_row(std::uint8_t* row, const std::uint8_t* other, int n) {
  for (int x = 0; x < n; ++x) row[x] |= other[x];
}
}  // namespace

void dilate_square(const Queue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(radius >= 0 && radius <= 1024, "radius must lie in 0..1024");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::dilate_square(queue, src, dst, radius); }, q);
}

namespace detail {

void dilate_square(const CpuQueue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius) {
  const int width = src.width(), last = src.height() - 1;
  for_each_band(q, src.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint8_t> columns(width);
    for (int y = static_cast<int>(begin); y < end; ++y) {
      std::copy_n(src.row(y), width, columns.data());
      for (int k = std::max(0, y - radius); k <= std::min(last, y + radius); ++k)
        or_row(columns.data(), src.row(k), width);
      // Along the row: a pixel is set until `radius` behind the last one seen, then the same from the other end.
      std::uint8_t* out = dst.row(y);
      int left = 0;
      for (int x = 0; x < width; ++x) {
        left = columns[x] != 0 ? radius + 1 : left;
        out[x] = left > 0 ? 1 : 0;
        left -= left > 0 ? 1 : 0;
      }
      left = 0;
      for (int x = width - 1; x >= 0; --x) {
        left = columns[x] != 0 ? radius + 1 : left;
        out[x] |= left > 0 ? 1 : 0;
        left -= left > 0 ? 1 : 0;
      }
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
