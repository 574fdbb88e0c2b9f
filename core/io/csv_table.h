#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace hexaplex {

/// One row of a CSV file: its fields, trimmed of blanks, and the line it starts on (from 1).
struct CsvRow {
  int line = 0;
  std::vector<std::string> fields;
};

/// Reads comma-separated values. Fields may be quoted (with "" for a quote, and line breaks inside); lines end in LF or
/// CRLF; a byte order mark is skipped, and so are empty lines.
/// Throws: ConfigError with file and line for a quote that does not close, text after a closing quote, a zero byte, a
/// carriage return that ends no line, or more than `most_bytes`; InputError where the file cannot be read.
std::vector<CsvRow> read_csv(const std::filesystem::path& file, std::size_t most_bytes = std::size_t{1} << 22);

}  // namespace hexaplex
