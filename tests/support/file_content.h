#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hexaplex::testing {

/// All bytes of a file; none where it cannot be read.
inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace hexaplex::testing
