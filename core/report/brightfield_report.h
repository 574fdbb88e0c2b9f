#pragma once

#include <string>

#include "core/report/slide_result.h"

namespace hexaplex {

/// What the report of a stained section adds: infiltration, scores and stains, as HTML; empty where there is nothing.
std::string infiltration_section(const SlideResult& result);
std::string scores_section(const SlideResult& result);
std::string stains_section(const SlideResult& result);

}  // namespace hexaplex
