#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hexaplex {

/// Appends the shortest decimal text that reads back as the same double, in no locale: 0.1, 12, 1e-07. -0 is 0.
/// NaN and infinities append `otherwise`.
void append_number(std::string& out, double value, std::string_view otherwise = "");
void append_number(std::string& out, std::uint64_t value);

/// Makes text from a slide, panel or file name safe as a field of a comma-separated table: what a spreadsheet would
/// take for a formula (a first character of = + - @, tab or return) gets a ' in front, and what holds a separator,
/// quote or line break is quoted.
std::string csv_field(std::string_view text);

/// The same for tab-separated tables, where quotes are not usual: tabs and line breaks become spaces.
std::string tsv_field(std::string_view text);

/// Tabs and line breaks become spaces: for text inside a field of a tab-separated table.
std::string one_line(std::string_view text);

/// Text between the quotes of a JSON string. Bytes that are not UTF-8 become U+FFFD.
std::string json_text(std::string_view text);

/// Text for an element or a quoted attribute of HTML or XML; control characters that XML forbids are left out, and
/// bytes that are not UTF-8 become U+FFFD.
std::string markup_text(std::string_view text);

}  // namespace hexaplex
