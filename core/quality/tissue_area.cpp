#include "core/quality/tissue_area.h"

#include <cmath>

#include "core/quality/grid.h"
#include "kernels/morphology/dilate_square.h"

namespace hexaplex {

TissueArea tissue_area(const QualityMask& mask) {
  SquareMask tissue(mask.grid(), std::uint8_t{0}), wide(mask.grid(), std::uint8_t{0});
  for (int y = 0; y < tissue.height(); ++y)
    for (int x = 0; x < tissue.width(); ++x) {
      const Unusable reason = mask.square(x, y);
      tissue(x, y) = reason != Unusable::glass && reason != Unusable::not_scanned ? 1 : 0;
    }
  const double margin = std::ceil(kTissueMarginUm / (mask.um_per_px() * kQualitySquarePx));
  CpuQueue q;
  dilate_square(q, tissue.view(), wide.view(), static_cast<int>(margin));
  return {mask.slide(), wide, kQualitySquarePx};
}

}  // namespace hexaplex
