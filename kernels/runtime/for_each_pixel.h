#pragma once

#include "kernels/runtime/launch.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Calls `f(x, y)` once for every pixel, in no order. `f` writes its own pixel only.
template <class F>
void for_each_pixel(const CpuQueue& q, Extent extent, F f) {
  for_each_band(q, extent.height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < extent.width; ++x) f(x, y);
  });
}

}  // namespace hexaplex
