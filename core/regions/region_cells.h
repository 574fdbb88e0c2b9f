#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/regions/drawn_regions.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// The regions that each cell of a table lies in: none, one, or several that overlap.
class RegionCells {
 public:
  RegionCells() = default;

  /// A cell lies where the centre of its nucleus is, of the cell where it has none.
  RegionCells(const CpuQueue& q, const DrawnRegions& regions, const CellTable& cells);

  std::size_t cells() const { return first_.size() - 1; }

  /// Places in DrawnRegions::names, ascending.
  std::span<const std::uint16_t> of(std::size_t cell) const {
    return std::span(regions_).subspan(first_[cell], first_[cell + 1] - first_[cell]);
  }

  /// Per cell 1 where it lies in the region and counts, else 0.
  /// @param counted  per cell 1 or 0; empty: all
  std::vector<std::uint8_t> counted_in(std::size_t region, std::span<const std::uint8_t> counted) const;

 private:
  std::vector<std::uint32_t> first_{0};  // of each cell in regions_, and the end
  std::vector<std::uint16_t> regions_;
};

}  // namespace hexaplex
