#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

struct GaussianParams {
  double sigma_px = 1;  ///< 0.2..64, pixels
};

/// Pixels that a result depends on, to each side: ceil(3 * sigma_px).
int gaussian_halo(const GaussianParams& p);

/// Separable Gaussian blur of one channel: down the columns, then along the rows, rounded to nearest after each.
///
/// @param q    where it runs; on CUDA it returns before completion, and src and dst are device memory that must live
/// until then
/// @param src  [height x width], any values; edge pixels repeat beyond the border
/// @param dst  same extent; the memory it spans must not overlap the memory src spans
/// @param p    sigma_px in 0.2..64
/// Halo:    gaussian_halo(p); a window with that halo gives the pixels of the whole image
/// Memory:  CPU: a few rows per thread; CUDA: none up to sigma 8, above it a temporary plane, freed in stream order
/// Result:  bit-identical across backends, thread counts, ISA levels and tilings; a constant image stays as it is
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
/// Source:  integer weights that sum to 2^16 (gaussian_weights.h); truncated at 3 sigma, where 0.27 % of the mass lies
/// beyond
void gaussian_blur(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const GaussianParams& p);

namespace detail {
void gaussian_blur(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst,
                   const GaussianParams& p);
#if HX_WITH_CUDA
void gaussian_blur(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst,
                   const GaussianParams& p);
#endif
}  // namespace detail

}  // namespace hexaplex
