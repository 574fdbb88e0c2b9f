#pragma once

#include <cstdint>
#include <utility>

#include "kernels/morphology/open_mask.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

/// One step of an erosion or a dilation: over a pixel and its four neighbours, edges repeated.
struct DiamondStep {
  Plane<const std::uint8_t> src;
  Plane<std::uint8_t> dst;
  bool erode;

  HX_HD void operator()(int x, int y) const {
    const int right = x + 1 < src.width() ? x + 1 : x, below = y + 1 < src.height() ? y + 1 : y;
    const int centre = src(x, y), up = src(x, y > 0 ? y - 1 : 0), down = src(x, below);
    const int before = src(x > 0 ? x - 1 : 0, y), after = src(right, y);
    const int all = centre & up & down & before & after, any = centre | up | down | before | after;
    dst(x, y) = static_cast<std::uint8_t>(erode ? all : any);
  }
};

/// Memory: 1 byte a pixel. An even number of steps, so that the result is back in `mask`.
template <class Q>
void open_mask_chain(const Q& q, Plane<std::uint8_t> mask, int radius) {
  const WorkBuffer<std::uint8_t, Q> pixels(q, mask.extent.area());
  Plane<std::uint8_t> from = mask, to{pixels.data(), mask.extent, mask.width()};
  for (int i = 0; i < 2 * radius; ++i) {
    for_each_pixel(q, mask.extent, DiamondStep{from, to, i < radius}, "opening a mask");
    std::swap(from, to);
  }
}

}  // namespace hexaplex::detail
