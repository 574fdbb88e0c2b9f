#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace hexaplex {

/// One input of a run, by content.
struct InputRecord {
  std::string role;            ///< "slide", "panel", "library", "labels"
  std::string name;            ///< file or folder name without its path
  std::filesystem::path path;  ///< where it was; only the execution block of run.json shows it
  std::string sha256;          ///< 64 hex digits. A folder: over the sorted names and hashes of its files
  std::uint64_t bytes = 0;
};

/// Reads and hashes an input. A panel preset has no file: it is part of the parameters.
/// Throws: InputError where it cannot be read.
InputRecord record_input(const std::string& role, const std::filesystem::path& path);

}  // namespace hexaplex
