#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"
#include "kernels/segment/local_threshold.h"

namespace hexaplex {

// Pixel-wise steps between the operators of the nucleus recipe. On CUDA they return before completion, and all planes
// and tables are device memory that must live until then. Halo: none. Result: bit-identical across backends, thread
// counts and tilings. Throws: InvalidArgument; DeviceError

/// The landscape that fragments climb: dst = max(fine, coarse) - weight * wall, biased by 32768 and clamped to 16 bits.
///
/// @param fine, coarse  blob responses, 2^13 per unit
/// @param wall    2^14 per unit; empty: none
/// @param weight  0 .. 2
/// @param dst     2^13 per unit, 32768 = 0
void blob_landscape(const Queue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, double weight, Plane<std::uint16_t> dst);

/// The same from the image itself: the blob responses of two scales, and their landscape, in one operator.
///
/// @param src     what blob_response takes; apart from dst
/// @param fine, coarse  any two scales; CUDA is quickest where fine is at most two thirds of coarse
/// Halo:   the larger blob_halo
/// Memory: CPU: 4 bytes a pixel; CUDA: none for a coarse sigma up to 6 and a fine one up to 4, else 10 bytes a pixel
/// Throws: OutOfMemory too
void landscape_of_blobs(const Queue& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                        const BlobParams& coarse, Plane<const std::uint16_t> wall, double weight,
                        Plane<std::uint16_t> dst);

/// image = min(image, most).
void cap(const Queue& q, Plane<std::uint16_t> image, std::uint16_t most);

/// mask = mask & keep.
void restrict_mask(const Queue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep);

/// Renames labels and keeps the pixels that are bright for their object: those above
/// trough + fraction * (own - trough), the others become 0.
///
/// @param image   a window around the labels
/// @param trough  its local minimum, in the queue's memory
/// @param own     by label, in the queue's memory: mean level of the object
/// @param into    by label, in the queue's memory: new name; as many as there are of `own`, and more than any label
/// @param fraction  0 .. 1
/// @param core    the labels' place in the image, inside it
void keep_above_fraction(const Queue& q, Plane<const std::uint16_t> image, const LevelView& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, double fraction,
                         Rect core, Plane<std::uint32_t> labels);

namespace detail {
// `weight` counts 2^-14, `share` 2^-16.
void blob_landscape(const CpuQueue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, std::int32_t weight, Plane<std::uint16_t> dst);
void landscape_of_blobs(const CpuQueue& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                        const BlobParams& coarse, Plane<const std::uint16_t> wall, std::int32_t weight,
                        Plane<std::uint16_t> dst);
void cap(const CpuQueue& q, Plane<std::uint16_t> image, std::uint16_t most);
void restrict_mask(const CpuQueue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep);
void keep_above_fraction(const CpuQueue& q, Plane<const std::uint16_t> image, const LevelView& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, std::int64_t share,
                         Rect core, Plane<std::uint32_t> labels);
#if HX_WITH_CUDA
void blob_landscape(const CudaQueue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, std::int32_t weight, Plane<std::uint16_t> dst);
void landscape_of_blobs(const CudaQueue& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                        const BlobParams& coarse, Plane<const std::uint16_t> wall, std::int32_t weight,
                        Plane<std::uint16_t> dst);
void cap(const CudaQueue& q, Plane<std::uint16_t> image, std::uint16_t most);
void restrict_mask(const CudaQueue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep);
void keep_above_fraction(const CudaQueue& q, Plane<const std::uint16_t> image, const LevelView& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, std::int64_t share,
                         Rect core, Plane<std::uint32_t> labels);
#endif
}  // namespace detail

}  // namespace hexaplex
