#pragma once

#include <string>
#include <string_view>

namespace hexaplex {

/// The beginning of a page that loads nothing and runs nothing, up to its title.
/// @param policy  what else the page may show, as a Content-Security-Policy: "img-src data:; "
/// @param style   CSS rules of the page's own, after those that all pages share
std::string page_head(std::string_view policy, std::string_view style);

/// A number with so many digits after the point; a dash where there is none.
std::string fixed(double value, int digits);

}  // namespace hexaplex
