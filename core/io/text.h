#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hexaplex {

/// Text of a file as valid UTF-8 without control characters or surrounding blanks. Bytes that are no UTF-8 are taken as
/// Latin-1, which is what old microscopes write (a lone 0xB5 is the micro sign).
std::string clean_text(std::string_view raw);

/// A decimal number with a point, surrounding blanks allowed; absent if anything else is there or it is not finite.
std::optional<double> parse_number(std::string_view text);

/// Bytes of a base64 text, blanks ignored; absent where it is not base64.
std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);

std::string to_lower(std::string_view ascii);
std::string_view trim(std::string_view text);
bool starts_with(std::string_view text, std::string_view prefix);
bool ends_with_ignoring_case(std::string_view text, std::string_view suffix);

/// How many µm a unit of length is: "µm", "um", "micron", "nm", "mm", "cm", "m", "inch", ... ; absent for any other.
std::optional<double> um_per_unit(std::string_view unit);

}  // namespace hexaplex
