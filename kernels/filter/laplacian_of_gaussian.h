#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

struct BlobParams {
  double sigma_px = 2.0;  ///< 0.55 .. 96: the response peaks on discs of diameter 2 sqrt(2) sigma
};

/// Below this a saturated pixel's response would not fit 16 bits; above, a nucleus of 400 pixels is out of reach.
inline constexpr double kMinBlobSigmaPx = 0.55;
inline constexpr double kMaxBlobSigmaPx = 96;

/// Support in pixels: ceil(4 sigma).
int blob_halo(const BlobParams& p);

/// Blob response: the negative Laplacian of a Gaussian, normalised by sigma squared, so that responses at different
/// scales compare. Bright discs give positive values.
///
/// @param q    where it runs; on CUDA it returns before completion, and src and dst are device memory that must live
/// until then
/// @param src  [height x width], any values; edge pixels repeat
/// @param dst  same extent, units of src / 2; must not overlap src. |response| <= 0.97 * 65535 / 2 fits the type
/// Halo:      blob_halo(p)
/// Memory:    CPU: a few rows per thread; CUDA: none up to sigma 6, above it 6 bytes a pixel
/// Result:    bit-identical across backends, thread counts and tilings (integer taps, one rounding a pass)
/// Throws:    InvalidArgument; OutOfMemory; DeviceError
/// Source:    T. Lindeberg, Int. J. Computer Vision 30 (1998) 79-116; computed as G'' G + G G'' with integer weights
void blob_response(const Queue& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p);

namespace detail {
void blob_response(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p);
#if HX_WITH_CUDA
void blob_response(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p);
#endif
}  // namespace detail

}  // namespace hexaplex
