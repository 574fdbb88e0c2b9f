#pragma once

#include <cstdint>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Where no seed is: larger than any squared distance in an image.
inline constexpr std::int32_t kNoSeed = INT32_MAX;

/// Squared distance, in pixels, of every pixel of a mask to the nearest pixel that is not 0; kNoSeed where there is
/// none. Exact, in integers, of whole images; what does not fit 31 bits (46,340 pixels away) reads kNoSeed - 1.
///
/// Memory: 8 bytes a pixel
/// Result: the same for any thread count
/// Source: A. Meijster, J. B. T. M. Roerdink, W. H. Hesselink, Mathematical Morphology and its Applications (2000) 331
HostPlane<std::int32_t> squared_distance(const CpuQueue& q, Plane<const std::uint8_t> seeds);

}  // namespace hexaplex
