#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"

namespace hexaplex::detail {

/// Landscape of a pixel that does not exist or lies outside the mask: no way up leads there.
inline constexpr std::int32_t kClimbNothing = -1;

/// The pointer rule of climb.h, for one pixel.
struct ClimbPixel {
  Plane<const std::uint16_t> landscape;
  Plane<const std::uint8_t> mask;
  Plane<std::uint8_t> pointers;

  HX_HD std::int32_t at(int x, int y) const {
    const bool exists = x >= 0 && y >= 0 && x < mask.width() && y < mask.height() && mask(x, y) != 0;
    return exists ? static_cast<std::int32_t>(landscape(x, y)) : kClimbNothing;
  }

  HX_HD void operator()(int x, int y) const {
    const std::int32_t v = at(x, y);
    if (v < 0) {
      pointers(x, y) = 255;
      return;
    }
    std::int32_t best = 0;
    int to = 4, equal = 4;
    for (int k = 8; k >= 0; --k) {  // backwards, so that the first neighbour wins ties
      if (k == 4) continue;
      const std::int32_t n = at(x + k % 3 - 1, y + k / 3 - 1);
      const std::int32_t slope = (n - v) * ((k & 1) != 0 ? 7 : 5);
      if (slope > 0 && slope >= best) best = slope, to = k;
      if (k < 4 && n == v) equal = k;
    }
    pointers(x, y) = static_cast<std::uint8_t>(best > 0 ? to : equal);
  }
};

}  // namespace hexaplex::detail
