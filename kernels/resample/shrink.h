#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Size of an image of `full` pixels seen at pixels of `factor` x `factor`: the last column and row may be cut.
Extent shrunk_extent(Extent full, int factor);

/// dst = mean of the square of factor x factor pixels, rounded half up; squares cut by the edge of src count what is
/// there.
///
/// @param src     window whose first pixel lies at a multiple of the factor
/// @param dst     of shrunk_extent(src.extent, factor)
/// @param factor  1 .. 256
/// Halo:   none. Result: bit-identical across thread counts and tilings
/// Throws: InvalidArgument
void shrink(CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, int factor);

}  // namespace hexaplex
