#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

struct ExpandParams {
  double distance_px = 3;  ///< 0 .. 254; reached pixels lie at most this far, centre to centre
};

/// ceil(distance_px).
int expand_halo(const ExpandParams& p);

/// Grows labels into the background: each background pixel within the distance takes the label of its nearest labelled
/// pixel, ties to the lower label. Labelled pixels stay.
///
/// @param q    where it runs; on CUDA it returns before completion, and all planes are device memory that must live
/// until then
/// @param src  labels, 0 = background
/// @param dst  same extent; must not overlap src
/// Halo:      expand_halo(p)
/// Memory:    CPU: keys of one block a thread; CUDA: none up to 8 px, 2 bytes a pixel beyond
/// Result:    exact Euclidean distances as integers; bit-identical across backends, thread counts and tilings
/// Throws:    InvalidArgument; OutOfMemory; DeviceError
/// Source:    column distances, then minimum along rows: T. Saito, J. Toriwaki, Pattern Recognition 27 (1994) 1551-1565
void expand_labels(const Queue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p);

namespace detail {
void expand_labels(const CpuQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p);
#if HX_WITH_CUDA
void expand_labels(const CudaQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p);
#endif
}  // namespace detail

}  // namespace hexaplex
