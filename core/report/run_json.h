#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/report/slide_result.h"

namespace hexaplex {

/// A written file, as run.json records it.
struct OutputRecord {
  std::string name;
  std::string sha256;
  std::uint64_t bytes = 0;
};

/// SHA-256 of the parameters: of their JSON with sorted keys and no spaces.
std::string parameters_hash(const nlohmann::json& parameters);

/// run.json: what made the result and what it is made of. Everything that may differ between two runs of the same
/// input and parameters stands in `execution`.
nlohmann::ordered_json run_json(const SlideResult& result, const std::vector<OutputRecord>& outputs);

/// Largest resident memory of this process so far, in bytes.
std::uint64_t peak_memory_bytes();

}  // namespace hexaplex
