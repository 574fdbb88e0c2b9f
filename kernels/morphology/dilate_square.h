#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Binary dilation by a square: dst = 1 where src has a 1 within `radius` pixels in x and in y.
///
/// @param q    where it runs; on CUDA it returns before completion, and all planes are device memory that must live
/// until then
/// @param src  0 or 1
/// @param dst  same extent; must not overlap src
/// @param radius  0 .. 1024
/// Halo:   radius
/// Memory: CPU: a row per thread; CUDA: a quarter of a byte a pixel
/// Result: bit-identical across backends, thread counts and tilings
/// Throws: InvalidArgument; OutOfMemory; DeviceError
void dilate_square(const Queue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius);

namespace detail {
void dilate_square(const CpuQueue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius);
#if HX_WITH_CUDA
void dilate_square(const CudaQueue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius);
#endif
}  // namespace detail

}  // namespace hexaplex
