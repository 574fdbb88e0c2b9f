#pragma once

#include "core/regions/drawn_regions.h"
#include "core/report/slide_result.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Ends the sentence on what tissue is, where regions were drawn.
inline constexpr const char* kInsideRegions = "; inside the drawn regions";

/// Restricts a result whose cells are measured to regions: cells in none of them count no more.
void restrict_to_regions(const CpuQueue& q, DrawnRegions drawn, SlideResult& result);

/// Says of cells outside all regions that this is why they have no phenotype.
void name_cells_outside(SlideResult& result);

/// The tissue of a result and of its regions, and what it is: assessable squares of the quality mask, or all that was
/// scanned; of regions the pixels whose centres lie in them.
void measure_tissue(const CpuQueue& q, SlideResult& result);

}  // namespace hexaplex
