#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace hexaplex {

/// Steps of writing a result at which a disk can fail.
enum class OutputStep { make_folder, open, write, sync, close, rename };

/// Called before every step; what it returns, where it is not 0, is taken for the errno of a failed step. For tests of
/// full and broken disks; not to be set while results are written.
void set_output_fault(std::function<int(OutputStep, const std::filesystem::path&)> fault);

namespace detail {
int output_fault(OutputStep step, const std::filesystem::path& path);

/// OutputError for a step that failed with `error`, with the mend that fits: disk full, read-only, no permission.
[[noreturn]] void throw_output_error(OutputStep step, const std::filesystem::path& path, int error);
}  // namespace detail

/// A new file whose content is either on the disk or reported as an OutputError: nothing is lost silently.
/// An existing file is an error. The destructor closes without a check; call `close`.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(const void* data, std::size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }

  /// For formats that go back (TIFF). `read` returns what is there, at most `bytes`.
  std::size_t read(void* data, std::size_t bytes);
  std::uint64_t seek(std::int64_t offset, int whence);
  std::uint64_t size() const;

  /// Syncs to disk and closes.
  void close();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

/// Syncs a folder's entries to disk.
void sync_folder(const std::filesystem::path& folder);

/// Writes a file by another name beside it and renames it: whoever reads it sees what was there or all of the new one.
/// One writer at a time. Throws: OutputError
void replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace hexaplex
