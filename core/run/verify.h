#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace hexaplex {

/// What a check of one result folder found.
struct Verification {
  std::vector<std::string> differences;  ///< sentences; empty: everything hashes as recorded
  std::vector<std::string> notes;        ///< what could not be checked (an input that is no longer there)
  std::size_t checked = 0;               ///< files hashed
};

/// Hashes inputs, parameters and outputs again and compares them with DIR/run.json. A recorded input that is gone is a
/// difference, like an output that is.
/// Throws: InputError where DIR holds no readable run.json.
Verification verify_result(const std::filesystem::path& result_dir);

/// Result folders at `dir`: itself, or its subfolders that hold a run.json, sorted by name.
std::vector<std::filesystem::path> find_results(const std::filesystem::path& dir);

}  // namespace hexaplex
