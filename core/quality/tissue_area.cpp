#include "core/quality/tissue_area.h"

#include <cmath>

#include "core/quality/grid.h"
#include "kernels/morphology/dilate_square.h"

namespace hexaplex {

int tissue_margin_squares(double um_per_px) {
  return static_cast<int>(std::ceil(kTissueMarginUm / (um_per_px * kQualitySquarePx)));
}

TissueArea tissue_area(const QualityMask& mask) {
  SquareMask tissue(mask.grid(), std::uint8_t{0}), wide(mask.grid(), std::uint8_t{0});
  for (int y = 0; y < tissue.height(); ++y)
    for (int x = 0; x < tissue.width(); ++x) {
      const Unusable reason = mask.square(x, y);
      tissue(x, y) = reason != Unusable::glass && reason != Unusable::not_scanned ? 1 : 0;
    }
  CpuQueue q;
  dilate_square(q, tissue.view(), wide.view(), tissue_margin_squares(mask.um_per_px()));
  return {mask.slide(), wide, kQualitySquarePx};
}

}  // namespace hexaplex
