#pragma once

#include <optional>
#include <string_view>

#include "core/io/slide.h"
#include "core/io/tiff_page.h"

namespace hexaplex {

/// Sets the pixel size of a slide in µm. A value that is not finite, or outside 0.05 to 5, counts as absent and leaves
/// a warning that names it and `source`; so does a difference between x and y of more than 1 %, which keeps both.
void set_pixel_size(SlideInfo& info, std::optional<double> um_x, std::optional<double> um_y, std::string_view source);

/// The same from XResolution, YResolution and ResolutionUnit of a page. `unit_um` replaces the unit where a format
/// keeps it elsewhere (ImageJ).
void set_pixel_size_from_tags(SlideInfo& info, const TiffPage& page, std::optional<double> unit_um = std::nullopt);

}  // namespace hexaplex
