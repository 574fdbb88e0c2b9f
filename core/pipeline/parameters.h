#pragma once

#include <nlohmann/json.hpp>

#include "core/panel/panel.h"
#include "core/pipeline/run_slide.h"

namespace hexaplex {

/// Everything that can change a result, as resolved: the panel and the options that matter, no paths, no device, no
/// threads. Two runs with equal parameters and equal inputs give equal bytes.
nlohmann::json resolved_parameters(const Panel& panel, const RunOptions& options, double um_per_px, int z);

}  // namespace hexaplex
