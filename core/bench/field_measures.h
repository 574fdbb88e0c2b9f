#pragma once

#include <span>

#include "core/segmentation/field_cells.h"
#include "kernels/measure/region_stats.h"

namespace hexaplex {

/// What the channels of a field come to over the parts of its cells: nucleus and cytoplasm, in the border band and not.
///
/// @param channels  planes in the memory of the queue, as large as the labels
/// Result: on the host, the same bytes for every queue; waits
RegionTable measure_field(const Queue& q, const FieldLabels& labels, std::span<const Plane<const float>> channels);

/// Of the bytes of the sums, without the gaps between members.
std::uint64_t digest_of_table(const RegionTable& table);

}  // namespace hexaplex
