#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Binary opening by a diamond: removes specks and threads thinner than the diamond.
///
/// @param mask    0 or 1; replaced by its opening. Beyond the edge it goes on as at the edge.
/// @param radius  of the diamond, pixels, 0 .. 64 (0 leaves the mask)
/// Halo:         2 * radius
/// Result:       bit-identical across thread counts and tilings
/// Throws:       InvalidArgument; OutOfMemory
void open_mask(CpuQueue& q, Plane<std::uint8_t> mask, int radius);

}  // namespace hexaplex
