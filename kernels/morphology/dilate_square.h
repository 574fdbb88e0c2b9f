#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Binary dilation by a square: dst = 1 where src has a 1 within `radius` pixels in x and in y.
///
/// @param src  0 or 1
/// @param dst  same extent; must not overlap src
/// @param radius  0 .. 1024
/// Halo:   radius
/// Result: bit-identical across thread counts and tilings
/// Throws: InvalidArgument
void dilate_square(CpuQueue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius);

}  // namespace hexaplex
