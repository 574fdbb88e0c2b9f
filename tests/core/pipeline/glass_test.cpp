// Slides of much glass, from the file to the result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr Extent kSlide{1504, 1120};
constexpr Extent kField{416, 352};

// Two bands of noise, with the same painted tissue at each place.
std::vector<BuiltPage> slide_with(const std::vector<Rect>& places) {
  std::vector<BuiltPage> pages;
  for (const unsigned seed : {1u, 2u}) {
    std::mt19937 random(seed + 10);
    std::vector<std::uint64_t> pixels(static_cast<std::size_t>(kSlide.area()));
    for (auto& p : pixels) p = 12 + random() % 5;
    const auto tissue = testing::paint_field(kField, 26, 7, 0.5, seed).image;
    for (const Rect& r : places)
      for (int y = 0; y < r.height; ++y)
        for (int x = 0; x < r.width; ++x)
          pixels[static_cast<std::size_t>(r.y + y) * kSlide.width + r.x + x] = 14 + static_cast<unsigned>(tissue(x, y));
    pages.push_back(grey_page(kSlide.width, kSlide.height, pixels, 16, 64));
    pages.back().set(296, 3, 3).set_fraction(282, 20000, 1).set_fraction(283, 20000, 1);
    pages.back().set_text(285, seed == 1 ? "DAPI" : "CD3");
  }
  return pages;
}

Panel two_markers() {
  return parse_panel(
      "name: two\nmodality: components\n"
      "channels: [{marker: DAPI, compartment: nucleus}, {marker: CD3}]\n"
      "segmentation: {nuclear: DAPI, nucleus_um: 7, giants: {marker: CD3, nucleus_um: 20}}\n"
      "positivity: {default: {method: fixed, value: 300}}\nphenotypes: [{name: T, when: CD3}]\n",
      "");
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Place in whole pixels and area of every cell whose centre lies in a rectangle, seen from there.
std::multiset<std::string> cells_in(const fs::path& result, Rect r) {
  std::ifstream file(result / "cells.csv");
  std::string line;
  std::getline(file, line);
  std::multiset<std::string> cells;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string id, x, y, phenotype, nucleus;
    for (std::string* f : {&id, &x, &y, &phenotype, &nucleus}) std::getline(fields, *f, ',');
    const double px = std::stod(x) / 0.5 - r.x, py = std::stod(y) / 0.5 - r.y;
    if (px < 0 || py < 0 || px >= r.width || py >= r.height) continue;
    cells.insert(std::to_string(static_cast<int>(px * 8)) + " " + std::to_string(static_cast<int>(py * 8)) + " " +
                 nucleus);
  }
  return cells;
}

TEST(SlideOfGlass, HoldsTheCellsOfItsTissueWhateverTheTiles) {
  const TemporaryFolder folder;
  // Alike in the grid of squares, so that each has the same surroundings.
  const std::vector<Rect> places{{96, 128, kField.width, kField.height}, {992, 640, kField.width, kField.height}};
  const fs::path slide = folder.write("slide.tif", build_tiff(slide_with(places)).bytes);
  std::string cells, labels, objects;
  for (const TileShape tile : {TileShape(0), TileShape(64), TileShape(200, 90, 3)}) {
    RunOptions options;
    options.out = folder.path() / ("out" + text_of(tile));
    options.tile_px = tile;
    const fs::path result = run_slide(slide, two_markers(), options).result;
    if (cells.empty()) {
      cells = text_of(result / "cells.csv"), labels = text_of(result / "labels.ome.tif");
      objects = text_of(result / "cells.geojson.gz");
      const auto first = cells_in(result, places[0]), second = cells_in(result, places[1]);
      EXPECT_GT(first.size(), 150u);
      EXPECT_EQ(first.size(), second.size());
      std::vector<std::string> both;
      std::set_intersection(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(both));
      // Noise of the glass around them differs: cells at the edge may.
      EXPECT_GE(both.size(), first.size() * 19 / 20);
      const nlohmann::json summary = nlohmann::json::parse(text_of(result / "summary.json"));
      EXPECT_EQ(summary.at("cells"), first.size() + second.size());
      const double tissue = summary.at("tissue_mm2");
      EXPECT_NEAR(tissue, 2 * static_cast<double>(kField.area()) * 0.25e-6, 0.3 * tissue);
    }
    EXPECT_TRUE(cells == text_of(result / "cells.csv")) << text_of(tile);
    EXPECT_TRUE(labels == text_of(result / "labels.ome.tif")) << text_of(tile);
    EXPECT_TRUE(objects == text_of(result / "cells.geojson.gz")) << text_of(tile);
  }
}

TEST(SlideOfGlass, WithoutTissueIsAResultWithoutCells) {
  const TemporaryFolder folder;
  const fs::path slide = folder.write("blank.tif", build_tiff(slide_with({})).bytes);
  for (const bool keep : {false, true}) {
    RunOptions options;
    options.out = folder.path() / (keep ? "kept" : "out");
    options.write_unmixed = true;
    if (keep) options.checkpoint_pixels = 0;
    const RunOutcome outcome = run_slide(slide, two_markers(), options);
    EXPECT_EQ(outcome.cells, 0u);
    EXPECT_THAT(outcome.warnings, Contains(HasSubstr("no tissue was found")));
    const nlohmann::json summary = nlohmann::json::parse(text_of(outcome.result / "summary.json"));
    EXPECT_EQ(summary.at("tissue_mm2"), 0.0);
    EXPECT_TRUE(fs::exists(outcome.result / "report.html"));
  }
}

}  // namespace
}  // namespace hexaplex::test
