#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hexaplex {

/// A regular file, open for reading at any offset. The descriptor stays open, so that what was checked is what is read.
class FileBytes {
 public:
  /// Throws InputError where the path is not a readable, non-empty regular file.
  explicit FileBytes(const std::filesystem::path& path);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string name() const { return path_.string(); }
  std::uint64_t size() const { return size_; }

  /// Reads up to `count` bytes at `offset`; returns how many there were. Throws InputError on a device error.
  std::size_t read_some(std::uint64_t offset, void* dst, std::size_t count) const;

  /// Reads exactly `count` bytes. Throws InputError where the file ends before.
  void read(std::uint64_t offset, void* dst, std::size_t count) const;

  /// The whole file, refused above `limit` bytes.
  std::vector<std::uint8_t> read_all(std::uint64_t limit) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace hexaplex
