#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Binary opening by a diamond: removes specks and threads thinner than the diamond.
///
/// @param q       where it runs; on CUDA it returns before completion, and mask is device memory that must live until
/// then
/// @param mask    0 or 1; replaced by its opening. Beyond the edge it goes on as at the edge.
/// @param radius  of the diamond, pixels, 0 .. 64 (0 leaves the mask)
/// Halo:         2 * radius
/// Memory:       CPU: 1 byte a pixel; CUDA: a quarter of that
/// Result:       bit-identical across backends, thread counts and tilings
/// Throws:       InvalidArgument; OutOfMemory; DeviceError
void open_mask(const Queue& q, Plane<std::uint8_t> mask, int radius);

namespace detail {
void open_mask(const CpuQueue& q, Plane<std::uint8_t> mask, int radius);
#if HX_WITH_CUDA
void open_mask(const CudaQueue& q, Plane<std::uint8_t> mask, int radius);
#endif
}  // namespace detail

}  // namespace hexaplex
