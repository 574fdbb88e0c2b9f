#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/quality/quality_mask.h"

namespace hexaplex {

/// Per cell of a table 1, or 0 where the centre of its nucleus (of the cell, where it has none) lies on a square that
/// cannot be assessed: its values are measured and kept, but it stands in no count, percentage, density or threshold.
std::vector<std::uint8_t> assessable_cells(const QualityMask& mask, const CellTable& cells);

}  // namespace hexaplex
