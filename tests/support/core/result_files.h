#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/file_content.h"

namespace hexaplex::test {

/// A result: every file's bytes, and what may differ, which is left out of run.json.
struct ResultFiles {
  std::map<std::string, std::string> files;
  nlohmann::json execution;

  explicit ResultFiles(const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::string& bytes = files[entry.path().filename().string()];
      bytes = bytes_of(entry.path());
      if (entry.path().filename() != "run.json") continue;
      nlohmann::json json = nlohmann::json::parse(bytes);
      execution = json.at("execution");
      json.erase("execution");
      bytes = json.dump();
    }
  }
};

}  // namespace hexaplex::test
