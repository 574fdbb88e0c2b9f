#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/image/channel_source.h"
#include "core/quality/quality_mask.h"
#include "core/regions/drawn_regions.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Pixels of a slide whose centres lie in a region and which can be assessed.
/// @param quality  null: all can
std::int64_t assessable_pixels(const CpuQueue& q, const RegionArea& region, const QualityMask* quality, Extent slide);

/// Pixels of tissue of a channel that have a value of `least` or more, to within 1 % of `least` as pixels_from
/// (core/score/score.h) has them, in each region: those whose centres lie in it. Counts: tiles and threads change
/// nothing. Throws: InputError where the slide cannot be read.
std::vector<std::int64_t> pixels_from(const CpuQueue& q, const ChannelSource& channels, int channel, double least,
                                      std::span<const RegionArea* const> regions);

}  // namespace hexaplex
