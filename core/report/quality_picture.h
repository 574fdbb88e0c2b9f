#pragma once

#include <string>

#include "core/quality/quality_mask.h"

namespace hexaplex {

/// quality.png: one pixel for each square of the mask, as a palette PNG in memory. The palette's index is the reason
/// (Unusable): 0 assessable, 1 not scanned, 2 glass, 3 saturated, 4 debris, 5 fold, 6 out of focus.
std::string draw_quality(const QualityMask& mask);

}  // namespace hexaplex
