#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"

namespace hexaplex::detail {

/// The mean, rounded half up. Exact in 32 bits: 65536 saturated pixels and half their number are below 2^32.
HX_HD inline std::uint16_t rounded_mean(std::uint32_t sum, std::uint32_t pixels) {
  return static_cast<std::uint16_t>((sum + pixels / 2) / pixels);
}

struct ShrinkPixel {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  int factor;

  HX_HD void operator()(int x, int y) const {
    const int left = x * factor, right = left + factor < src.width() ? left + factor : src.width();
    const int top = y * factor, bottom = top + factor < src.height() ? top + factor : src.height();
    std::uint32_t sum = 0;
    for (int v = top; v < bottom; ++v)
      for (int u = left; u < right; ++u) sum += src(u, v);
    dst(x, y) = rounded_mean(sum, static_cast<std::uint32_t>((bottom - top) * (right - left)));
  }
};

}  // namespace hexaplex::detail
