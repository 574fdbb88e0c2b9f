#pragma once

#include "core/image/tissue_area.h"
#include "core/quality/quality_mask.h"

namespace hexaplex {

/// How far around tissue a slide is analysed, so that what is found in it does not feel where the analysis ends: two
/// giant nuclei. Rounded up to whole squares.
inline constexpr double kTissueMarginUm = 40;

/// The margin in squares.
int tissue_margin_squares(double um_per_px);

/// Where a slide is analysed: its tissue and a margin. Artefacts count as tissue here, so that what lies beside them is
/// found as without them; glass and what was not scanned does not. Nothing where there is no tissue.
TissueArea tissue_area(const QualityMask& mask);

}  // namespace hexaplex
