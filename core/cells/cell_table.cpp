#include "core/cells/cell_table.h"

namespace hexaplex {

void CellTable::resize(std::size_t cells) {
  cell_id.resize(cells);
  nucleus.resize(cells);
  cell.resize(cells);
  cytoplasm_area_px.resize(cells);
  membrane_area_px.resize(cells);
  values_.resize(markers.size() * kCompartments.size() * kStatistics.size());
  for (auto& column : values_) column.resize(cells);
}

}  // namespace hexaplex
