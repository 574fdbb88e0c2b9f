#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/io/slide.h"
#include "core/panel/panel.h"
#include "core/quality/measure_slide.h"
#include "core/quality/quality_mask.h"
#include "core/stains/slide_stains.h"
#include "core/unmixing/library.h"

namespace hexaplex {

/// What of a slide is measured for its quality mask, and how it is judged.
struct QualityPlan {
  std::vector<int> channels;  ///< of the file
  SquareOptions squares;      ///< for measure_window_squares or measure_slide_squares
  QualityParams params;       ///< for make_quality_mask
  LightTables tables;         ///< brightfield: what each colour lacks counts as light
};

/// Every band of a multispectral slide, with the band that shows most of the nuclear stain; else the panel's channels.
///
/// @param library  of a multispectral panel; else null
/// @param stains   of a brightfield panel; else null
/// Throws: ConfigError where panel and file do not fit
QualityPlan plan_quality(const Panel& panel, const SlideInfo& info, const SpectralLibrary* library,
                         const SlideStains* stains);

/// For the record of parameters.
nlohmann::json quality_parameters(const Panel& panel);

}  // namespace hexaplex
