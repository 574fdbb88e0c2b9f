#pragma once

#include <string>
#include <string_view>

namespace hexaplex {

/// One gzip member without time or name. Members after each other are one gzip file.
std::string gzip_member(std::string_view text);

}  // namespace hexaplex
