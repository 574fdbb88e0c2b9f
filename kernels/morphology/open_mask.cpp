#include "kernels/morphology/open_mask.h"

#include <algorithm>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

HX_CLONES void erode_row(const std::uint8_t* up, const std::uint8_t* row, const std::uint8_t* down, std::uint8_t* out,
                         int n) {
  for (int x = 1; x < n - 1; ++x) out[x] = up[x] & row[x] & down[x] & row[x - 1] & row[x + 1];
}

HX_CLONES void dilate_row(const std::uint8_t* up, const std::uint8_t* row, const std::uint8_t* down, std::uint8_t* out,
                          int n) {
  for (int x = 1; x < n - 1; ++x) out[x] = up[x] | row[x] | down[x] | row[x - 1] | row[x + 1];
}

void step(const CpuQueue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, bool erode) {
  const int n = src.width(), last = src.height() - 1;
  for_each_band(q, src.height(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const std::uint8_t *up = src.row(std::max(0, y - 1)), *row = src.row(y), *down = src.row(std::min(last, y + 1));
      std::uint8_t* out = dst.row(y);
      (erode ? erode_row : dilate_row)(up, row, down, out, n);
      for (int x : {0, n - 1}) {
        const std::uint8_t left = row[std::max(0, x - 1)], right = row[std::min(n - 1, x + 1)];
        out[x] = erode ? up[x] & row[x] & down[x] & left & right : up[x] | row[x] | down[x] | left | right;
      }
    }
  });
}

}  // namespace

void open_mask(const Queue& q, Plane<std::uint8_t> mask, int radius) {
  HX_EXPECT(radius >= 0 && radius <= 64, "radius must lie in 0..64");
  if (mask.extent.empty() || radius == 0) return;
  std::visit([&](const auto& queue) { detail::open_mask(queue, mask, radius); }, q);
}

namespace detail {

void open_mask(const CpuQueue& q, Plane<std::uint8_t> mask, int radius) {
  HostPlane<std::uint8_t> other(mask.extent);
  Plane<std::uint8_t> from = mask, to = other.view();
  for (int i = 0; i < 2 * radius; ++i) {
    step(q, from, to, i < radius);
    std::swap(from, to);
  }
  // an even number of steps: the result is back in `mask`
}

}  // namespace detail
}  // namespace hexaplex
