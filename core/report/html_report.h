#pragma once

#include <string>
#include <string_view>

#include "core/report/slide_result.h"

namespace hexaplex {

/// report.html: counts, percents and densities, the overlay embedded, how markers were decided, unmixing, warnings and
/// provenance. One self-contained page without scripts; a content security policy forbids everything but its own style
/// and pictures, and every text that comes from outside is escaped.
///
/// @param overlay_png  the picture, as a PNG file
std::string html_report(const SlideResult& result, std::string_view overlay_png);

}  // namespace hexaplex
