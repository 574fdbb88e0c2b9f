#include "core/quality/assess_cells.h"

namespace hexaplex {

std::vector<std::uint8_t> assessable_cells(const QualityMask& mask, const CellTable& cells) {
  std::vector<std::uint8_t> out(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Shape& centre = cells.nucleus[i].area_px > 0 ? cells.nucleus[i] : cells.cell[i];
    out[i] = mask.assessable(centre.centroid_x_px, centre.centroid_y_px);
  }
  return out;
}

}  // namespace hexaplex
