#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tests/support/file_content.h"

namespace hexaplex::test {

/// All bytes of every file in a folder, by name.
inline std::map<std::string, std::string> files_in(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files[entry.path().filename().string()] = bytes_of(entry.path());
  return files;
}

}  // namespace hexaplex::test
