// Markers in the nucleus cover the counterstain there: their nuclei are found too.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "core/stains/known_stains.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/painted_stains.h"
#include "tests/support/core/result_files.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

constexpr Extent kSection{420, 380};

// A section whose every third nucleus is brown, and has a fifth of the haematoxylin of others.
class NuclearMarkers : public ::testing::Test {
 protected:
  NuclearMarkers() : nuclei_(hexaplex::testing::paint_field(kSection, 24, 7, 0.5, 6)) {
    const StainVector blue = *known_stain("haematoxylin"), brown = *known_stain("DAB");
    std::mt19937 random(4);
    std::vector<Rgb8> pixels;
    for (int y = 0; y < kSection.height; ++y)
      for (int x = 0; x < kSection.width; ++x) {
        const std::uint32_t nucleus = nuclei_.truth(x, y);
        const bool is_brown = nucleus % 3 == 1;
        const double h = 0.06 + (nucleus == 0 ? 0 : is_brown ? 0.1 : 0.5);
        const double d = 0.01 + (is_brown ? 0.3 + 0.1 * (nucleus % 7) : 0);
        double light[3];
        for (int b = 0; b < 3; ++b)
          light[b] =
              kPaintedWhite * std::pow(10.0, -h * blue[b] - d * brown[b]) + static_cast<double>(random() % 5) - 2;
        // A corner of glass, so that white is known.
        if (x < 40 && y < 40) light[0] = light[1] = light[2] = kPaintedWhite;
        const auto count = [](double v) { return static_cast<std::uint8_t>(std::lround(std::min(255.0, v))); };
        pixels.push_back({count(light[0]), count(light[1]), count(light[2])});
      }
    slide_ = folder_.write("ki67.tif", rgb_tiff(kSection, pixels).bytes);
    options_.out = folder_.path() / "out";
    options_.um_per_px = 0.5;
    options_.existing = Existing::overwrite;
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < 40; ++x) under_glass_.insert(nuclei_.truth(x, y));
  }

  ResultFiles run(const std::string& compartment) {
    const std::string yaml =
        "name: ki67\nmodality: brightfield\nchannels:\n"
        "  - {marker: Haematoxylin, stain: haematoxylin, compartment: nucleus}\n"
        "  - {marker: KI67, stain: DAB, compartment: " +
        compartment +
        "}\n"
        "segmentation: {nuclear: Haematoxylin, nucleus_um: 7, expansion_um: 1}\n"
        "positivity: {KI67: {method: fixed, value: 0.15}}\n"
        "phenotypes: [{name: Positive, when: KI67}, {name: Negative, when: 'true'}]\n";
    return ResultFiles(run_slide(slide_, load_panel(folder_.write("p.yaml", yaml).string()), options_).result);
  }
  static nlohmann::json summary(const ResultFiles& files) {
    return nlohmann::json::parse(files.files.at("summary.json"));
  }
  double painted(bool brown) const {
    double count = 0;
    for (std::uint32_t i = 1; i <= nuclei_.count; ++i)
      count += (i % 3 == 1) == brown && under_glass_.count(i) == 0 ? 1 : 0;
    return count;
  }

  const TemporaryFolder folder_;
  const hexaplex::testing::PaintedNuclei nuclei_;
  std::set<std::uint32_t> under_glass_;
  std::filesystem::path slide_;
  RunOptions options_;
};

TEST_F(NuclearMarkers, AreNucleiToo) {
  const nlohmann::json found = summary(run("nucleus"))["phenotypes"];
  EXPECT_NEAR(found["Positive"]["count"].get<double>(), painted(true), 4);
  EXPECT_NEAR(found["Negative"]["count"].get<double>(), painted(false), 4);
  const nlohmann::json by_counterstain = summary(run("cytoplasm"))["phenotypes"];
  EXPECT_LT(by_counterstain["Positive"]["count"].get<double>(), 0.5 * painted(true)) << "nothing was covered";
}

TEST_F(NuclearMarkers, GiveTheSameFilesInAnyTilesAndMemory) {
  const auto want = run("nucleus").files;
  for (const TileShape tile : {TileShape(128), TileShape(300, 77, 3)})
    for (const std::int64_t memory : {std::int64_t{0}, std::int64_t{600} << 20}) {
      options_.tile_px = tile;
      options_.memory_limit_bytes = memory;
      options_.window_bytes = 1 << 14;
      for (const auto& [name, bytes] : run("nucleus").files) EXPECT_TRUE(want.at(name) == bytes) << name;
    }
}

}  // namespace
}  // namespace hexaplex::test
