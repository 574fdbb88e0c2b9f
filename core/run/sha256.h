#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hexaplex {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(const void* data, std::size_t bytes);
  std::string hex();  ///< 64 digits; ends the hash

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string sha256_of(std::string_view text);

/// Hash and size of a file's content.
struct FileHash {
  std::string sha256;
  std::uint64_t bytes = 0;
};
/// Throws: InputError where the file cannot be read.
FileHash hash_file(const std::filesystem::path& path);

/// UUID version 5 (RFC 9562: SHA-1 of the namespace's bytes and the name) in this project's own namespace.
std::string uuid5(std::string_view name);

/// The same in any namespace, given as its 16 bytes.
std::string uuid5(const std::array<unsigned char, 16>& name_space, std::string_view name);

}  // namespace hexaplex
