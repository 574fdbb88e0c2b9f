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
/// @param q       where it runs; on CUDA it returns before completion, and all planes are device memory that must live
/// until then
/// @param src     window whose first pixel lies at a multiple of the factor
/// @param dst     of shrunk_extent(src.extent, factor)
/// @param factor  1 .. 256
/// Halo:   none. Result: bit-identical across backends, thread counts and tilings
/// Throws: InvalidArgument; DeviceError
void shrink(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, int factor);

namespace detail {
void shrink(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, int factor);
#if HX_WITH_CUDA
void shrink(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, int factor);
#endif
}  // namespace detail

}  // namespace hexaplex
