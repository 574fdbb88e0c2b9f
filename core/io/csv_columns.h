#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hexaplex {

/// Reads some columns of a table of any length, row by row, in memory that does not grow with it. Quotes and line ends
/// are those of read_csv (core/io/csv_table.h).
/// @param choose  is given the names of all columns, and returns the indices of those that are wanted
/// @param take    is given each row's line (from 1) and its wanted fields, in the order of the indices
/// Throws: InputError (file, line, mend) where the file cannot be read, is empty, a row has more or fewer fields than
///         the header, or a quote does not close; what `choose` and `take` throw.
void read_csv_columns(const std::filesystem::path& file,
                      const std::function<std::vector<std::size_t>(std::span<const std::string> names)>& choose,
                      const std::function<void(int line, std::span<const std::string> fields)>& take);

/// The text that read_csv and read_csv_columns give back for a name that csv_field wrote.
std::string as_read_from_csv(std::string_view name);

}  // namespace hexaplex
