#pragma once

#include "core/image/tissue_area.h"
#include "core/quality/quality_mask.h"

namespace hexaplex {

/// How far around tissue a slide is analysed, so that what is found in it does not feel where its piece ends: two
/// giant nuclei.
inline constexpr double kTissueMarginUm = 40;

/// The pieces of tissue of a slide: boxes around its connected parts (corners connect), with a margin. Artefacts count
/// as tissue here, so that what lies beside them is found as without them; glass and what was not scanned does not.
/// No piece where there is no tissue.
TissueArea tissue_pieces(const QualityMask& mask);

}  // namespace hexaplex
