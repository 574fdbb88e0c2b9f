#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Labels of an image seen at pixels of factor x factor, at full size with smooth outlines: each pixel takes the label
/// that weighs most under a quadratic B-spline over the 3 x 3 coarse pixels around it (edges repeat), ties to the lower
/// label: stairs of the coarse pixels become slopes.
///
/// @param q       where it runs; on CUDA it returns before completion, and all planes are device memory that must live
/// until then
/// @param src     labels of shrunk_extent(dst.extent, factor); 0 is a label like others
/// @param factor  1 .. 256; 1 copies
/// Halo:   one coarse pixel. Result: integers; bit-identical across backends and thread counts
/// Throws: InvalidArgument; DeviceError
void enlarge_labels(const Queue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor);

namespace detail {
void enlarge_labels(const CpuQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor);
#if HX_WITH_CUDA
void enlarge_labels(const CudaQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor);
#endif
}  // namespace detail

}  // namespace hexaplex
