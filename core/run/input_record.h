#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hexaplex {

/// What a file system says of one file, to tell later whether its content was touched.
struct FileState {
  std::string file;  ///< its path
  std::uint64_t device = 0, inode = 0, bytes = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;  ///< mtime and ctime, since 1970
  bool fresh = false;  ///< modified so shortly before that a further change might leave the same time
  bool operator==(const FileState&) const = default;
};

/// One input of a run, by content.
struct InputRecord {
  std::string role;            ///< "slide", "panel", "library", "labels"
  std::string name;            ///< file or folder name without its path
  std::filesystem::path path;  ///< where it was; only the execution block of run.json shows it
  std::string sha256;          ///< 64 hex digits. A folder: over the sorted names and hashes of its files
  std::uint64_t bytes = 0;
  std::vector<FileState> states{};  ///< of its files, from before they were hashed; empty: nobody asked
};

/// Reads and hashes an input. A panel preset has no file: it is part of the parameters.
/// Throws: InputError where it cannot be read.
InputRecord record_input(const std::string& role, const std::filesystem::path& path);

/// What was read after record_input is what was hashed only if nobody wrote to it since. A file with another size or
/// time of modification was written to; one that only moved or changed its permissions is hashed again.
/// Throws: InputError where an input was changed, replaced or taken away.
void require_unchanged(const InputRecord& record);

}  // namespace hexaplex
