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

void CellTable::copy_row(std::size_t row, const CellTable& from, std::size_t from_row) {
  cell_id[row] = from.cell_id[from_row];
  nucleus[row] = from.nucleus[from_row];
  cell[row] = from.cell[from_row];
  cytoplasm_area_px[row] = from.cytoplasm_area_px[from_row];
  membrane_area_px[row] = from.membrane_area_px[from_row];
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i][row] = from.values_[i][from_row];
}

}  // namespace hexaplex
