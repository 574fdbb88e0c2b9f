#pragma once

#include <cstdint>

#include "kernels/morphology/dilate_square.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

// Each pass looks outwards from a pixel and ends at the first 1.

struct DilateColumn {
  Plane<const std::uint8_t> src;
  Plane<std::uint8_t> dst;
  int radius;

  HX_HD void operator()(int x, int y) const {
    const int last = src.height() - 1;
    bool any = false;
    for (int k = 0; k <= radius && (y - k >= 0 || y + k <= last) && !any; ++k)
      any = (y - k >= 0 && src(x, y - k) != 0) || (y + k <= last && src(x, y + k) != 0);
    dst(x, y) = any ? 1 : 0;
  }
};

struct DilateRow {
  Plane<const std::uint8_t> src;
  Plane<std::uint8_t> dst;
  int radius;

  HX_HD void operator()(int x, int y) const {
    const int last = src.width() - 1;
    bool any = false;
    for (int k = 0; k <= radius && (x - k >= 0 || x + k <= last) && !any; ++k)
      any = (x - k >= 0 && src(x - k, y) != 0) || (x + k <= last && src(x + k, y) != 0);
    dst(x, y) = any ? 1 : 0;
  }
};

/// Memory: 1 byte a pixel.
template <class Q>
void dilate_square_chain(const Q& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius) {
  const WorkBuffer<std::uint8_t, Q> pixels(q, src.extent.area());
  const Plane<std::uint8_t> columns{pixels.data(), src.extent, src.width()};
  for_each_pixel(q, src.extent, DilateColumn{src, columns, radius}, "dilating along columns");
  for_each_pixel(q, src.extent, DilateRow{columns, dst, radius}, "dilating along rows");
}

}  // namespace hexaplex::detail
