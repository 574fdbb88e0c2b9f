#pragma once

#include <string>

#include "core/report/slide_result.h"

namespace hexaplex {

/// The part of report.html that compares the regions that were drawn; empty where none were.
std::string regions_section(const SlideResult& result);

}  // namespace hexaplex
