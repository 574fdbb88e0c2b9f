#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"
#include "kernels/segment/local_threshold.h"

namespace hexaplex {

// Pixel-wise steps between the operators of the nucleus recipe. Halo: none.

/// The landscape that fragments climb: dst = max(fine, coarse) - weight * wall, biased by 32768 and clamped to 16 bits.
///
/// @param fine, coarse  blob responses, 2^13 per unit
/// @param wall    2^14 per unit; empty: none
/// @param weight  0 .. 2
/// @param dst     2^13 per unit, 32768 = 0
void blob_landscape(CpuQueue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, double weight, Plane<std::uint16_t> dst);

/// image = min(image, most).
void cap(CpuQueue& q, Plane<std::uint16_t> image, std::uint16_t most);

/// mask = mask & keep.
void restrict_mask(CpuQueue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep);

/// Renames labels and keeps the pixels that are bright for their object: those above
/// trough + fraction * (own - trough), the others become 0.
///
/// @param image   of a window
/// @param trough  its local minimum
/// @param own     by label: mean level of the object
/// @param into    by label: new name
/// @param core    the labels' place inside the window
void keep_above_fraction(CpuQueue& q, Plane<const std::uint16_t> image, const LevelGrid& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, double fraction,
                         Rect core, Plane<std::uint32_t> labels);

}  // namespace hexaplex
