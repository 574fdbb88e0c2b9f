#pragma once

#include <optional>
#include <vector>

#include "core/cells/measure.h"
#include "core/image/thumbnails.h"
#include "core/report/slide_result.h"

namespace hexaplex::test {

/// A small finished slide, measured for real: round cells in a grid, some without nucleus, some touching.
struct SampleResult {
  LabelPair labels;
  std::vector<HostPlane<float>> planes;
  std::optional<Thumbnails> pictures;
  std::optional<HeldChannels> unmixed;
  SlideResult result;

  explicit SampleResult(Extent extent = {200, 160}, int pitch_px = 20);
  SampleResult(const SampleResult&) = delete;
};

void write_text(const std::filesystem::path& path, const std::string& text);

/// Content of a gzip file of any number of members.
std::string gunzip(const std::string& bytes);

/// Lines split at a separator; quotes as in CSV are understood.
std::vector<std::vector<std::string>> split_table(const std::string& text, char separator);

}  // namespace hexaplex::test
