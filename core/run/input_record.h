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

/// One of several files that make one input.
struct InputFile {
  std::string name;  ///< below the folder of InputRecord::path: "b.ome.tif", "a/Slidedat.ini"
  std::string sha256;
  std::uint64_t bytes = 0;
};

/// One input of a run, by content.
struct InputRecord {
  std::string role;            ///< "slide", "panel", "library", "labels"
  std::string name;            ///< file or folder name without its path
  std::filesystem::path path;  ///< where it was; only the execution block of run.json shows it
  /// 64 hex digits: of one file as `sha256sum` gives it. A folder, or a file with companions: over the lines that
  /// `sha256sum` gives for all files, sorted by name.
  std::string sha256;
  std::uint64_t bytes = 0;                          ///< of all files
  std::vector<std::filesystem::path> companions{};  ///< further files that it is made of
  std::vector<InputFile> files{};                   ///< where there are companions: `path` and them, sorted by name
  std::vector<FileState> states{};                  ///< of its files, from before they were hashed; empty: nobody asked
};

/// Reads and hashes an input. A panel preset has no file: it is part of the parameters.
///
/// @param companions  of a file: SlideInfo::companions; they lie in its folder, or below
/// Throws: InputError where one of them cannot be read.
InputRecord record_input(const std::string& role, const std::filesystem::path& path,
                         const std::vector<std::filesystem::path>& companions = {});

/// SHA-256 over the lines `sha256  name` of files that are sorted by name.
std::string combined_sha256(const std::vector<InputFile>& files);

/// What was read after record_input is what was hashed only if nobody wrote to it since. A file with another size or
/// time of modification was written to; one that only moved or changed its permissions is hashed again.
/// Throws: InputError where an input was changed, replaced or taken away.
void require_unchanged(const InputRecord& record);

}  // namespace hexaplex
