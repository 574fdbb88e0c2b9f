// A slide with a hole, analysed around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libdeflate.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "core/quality/damage.h"
#include "core/report/run_json.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int kSide = 1000, kTile = 128, kAcross = (kSide + kTile - 1) / kTile;
constexpr int kDamaged = 2 * kAcross + 5;  // x 640..767, y 256..383
constexpr Rect kHole{640, 256, 128, 128};
constexpr double kUm = 0.5;

Bytes deflated(const Bytes& raw) {
  libdeflate_compressor* c = libdeflate_alloc_compressor(1);
  Bytes out(libdeflate_zlib_compress_bound(c, raw.size()));
  out.resize(libdeflate_zlib_compress(c, raw.data(), raw.size(), out.data(), out.size()));
  libdeflate_free_compressor(c);
  return out;
}

BuiltPage tiled_page(const HostPlane<float>& image) {
  BuiltPage page;
  page.tiled = true;
  page.set(256, kSide).set(257, kSide).set(258, 16, 3).set(259, 8, 3).set(262, 1, 3).set(277, 1, 3);
  page.set(322, kTile).set(323, kTile).set(296, 3, 3).set_fraction(282, 20000, 1).set_fraction(283, 20000, 1);
  for (int t = 0; t < kAcross * kAcross; ++t) {
    Bytes raw;
    for (int y = 0; y < kTile; ++y)
      for (int x = 0; x < kTile; ++x) {
        const int px = t % kAcross * kTile + x, py = t / kAcross * kTile + y;
        const auto v = px < kSide && py < kSide ? static_cast<unsigned>(image(px, py)) : 0u;
        raw.push_back(static_cast<std::uint8_t>(v));
        raw.push_back(static_cast<std::uint8_t>(v >> 8));
      }
    page.blocks.push_back(deflated(raw));
  }
  return page;
}

/// Cells by the place of their centroid.
std::map<std::string, std::string> cells_of(const fs::path& result, std::size_t* assessable_near_hole, double from_um) {
  std::ifstream file(result / "cells.csv");
  std::string line;
  std::getline(file, line);
  std::map<std::string, std::string> cells;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string id, x, y;
    std::getline(fields, id, ',');
    std::getline(fields, x, ',');
    std::getline(fields, y, ',');
    const double px = std::stod(x) / kUm, py = std::stod(y) / kUm;
    const double dx = std::max({0.0, kHole.x - px, px - kHole.right()});
    const double dy = std::max({0.0, kHole.y - py, py - kHole.bottom()});
    if (std::max(dx, dy) * kUm >= from_um) cells[x + "," + y] = line.substr(line.find(','));
    if (std::max(dx, dy) * kUm < kDamageReachUm - 1 && line.back() != '0' && assessable_near_hole != nullptr)
      ++*assessable_near_hole;
  }
  return cells;
}

class HoleInASlide : public ::testing::Test {
 protected:
  HoleInASlide() {
    for (unsigned seed : {1u, 2u})
      pages_.push_back(tiled_page(testing::paint_field({kSide, kSide}, 26, 7, 0.5, seed).image));
    pages_[0].set_text(285, "DAPI");
    pages_[1].set_text(285, "CD3");
    whole_ = folder_.write("whole.tif", build_tiff(pages_).bytes);
    // One band alone, corrupted here and missing in the other.
    auto broken = pages_;
    for (std::uint8_t& b : broken[1].blocks[kDamaged]) b = static_cast<std::uint8_t>(~b);
    broken_ = folder_.write("broken.tif", build_tiff(broken).bytes);
    auto missing = pages_;
    missing[0].blocks[kDamaged].clear();
    missing_ = folder_.write("missing.tif", build_tiff(missing).bytes);
  }

  Panel panel(const std::string& mask = "auto") const {
    return parse_panel(
        "name: two\nmodality: components\n"
        "channels: [{marker: DAPI, compartment: nucleus}, {marker: CD3}]\n"
        "segmentation: {nuclear: DAPI, nucleus_um: 7}\nquality: {mask: " +
            mask + "}\npositivity: {default: {method: fixed, value: 300}}\n" + "phenotypes: [{name: T, when: CD3}]\n",
        "");
  }
  RunOptions options(const std::string& out) const {
    RunOptions o;
    o.out = folder_.path() / out;
    o.open.damaged_tiles = DamagedTiles::not_assessable;
    return o;
  }
  static nlohmann::json json_of(const fs::path& file) {
    std::ifstream in(file);
    return nlohmann::json::parse(in);
  }

  TemporaryFolder folder_;
  std::vector<BuiltPage> pages_;
  fs::path whole_, broken_, missing_;
};

TEST_F(HoleInASlide, IsAnErrorUnlessAskedOtherwise) {
  for (const fs::path& slide : {broken_, missing_}) {
    RunOptions o = options("strict");
    o.open = {};
    EXPECT_THROW(run_slide(slide, panel(), o), InputError) << slide;
    EXPECT_FALSE(fs::exists(folder_.path() / "strict" / slide.stem()));
  }
}

TEST_F(HoleInASlide, IsLeftOutAndTheRestIsAsWithoutIt) {
  RunOptions strict = options("whole");
  strict.open = {};
  const auto whole = run_slide(whole_, panel(), strict);
  const auto expected = cells_of(whole.result, nullptr, 75);
  ASSERT_GT(expected.size(), 500u);
  for (const fs::path& slide : {broken_, missing_}) {
    const auto outcome = run_slide(slide, panel(), options("told"));
    EXPECT_THAT(outcome.warnings,
                ::testing::Contains(HasSubstr(std::string("1 tile is missing or damaged (1 of channel ") +
                                              (slide == broken_ ? "2 (CD3)" : "1 (DAPI)") +
                                              "), the first at x 640, y 256; nothing within 50 µm of it is assessed or "
                                              "counted")));
    std::size_t near = 0;
    const auto cells = cells_of(outcome.result, &near, 75);
    EXPECT_EQ(near, 0u) << "cells that count within reach of the hole";
    std::size_t same = 0;
    for (const auto& [place, row] : expected) same += cells.count(place) != 0 && cells.at(place) == row;
    // Slide-wide levels are those of the tissue that is left: a pixel here and there.
    EXPECT_GE(same, expected.size() - expected.size() / 50) << slide;
    EXPECT_LE(std::max(cells.size(), expected.size()) - std::min(cells.size(), expected.size()), 5u) << slide;
    const auto summary = json_of(outcome.result / "summary.json");
    const double not_scanned = summary.at("quality").at("area_mm2").at("not_scanned");
    EXPECT_GE(not_scanned, 0.164 * 0.164);  // the tile and its reach
    EXPECT_LE(not_scanned, 0.196 * 0.196);  // and the squares that they touch
    EXPECT_THAT(summary.at("warnings").dump(), HasSubstr("missing or damaged"));
    const auto run = json_of(outcome.result / "run.json");
    EXPECT_EQ(run.at("parameters").at("damaged_tiles"), "not assessable");
    EXPECT_THAT(run.at("warnings").dump(), HasSubstr("missing or damaged"));
  }
}

TEST_F(HoleInASlide, GivesTheSameBytesForAnyThreadsAndTiles) {
  nlohmann::json first;
  const int threads = cpu_threads();
  for (const int t : {1, 4}) {
    set_cpu_threads(t);
    for (const int tile : {0, 256, 1024}) {
      RunOptions o = options("t" + std::to_string(t) + "-" + std::to_string(tile));
      o.tile_px = tile;
      auto run = json_of(run_slide(broken_, panel(), o).result / "run.json");
      run.erase("execution");
      if (first.is_null()) first = run;
      EXPECT_EQ(run, first) << t << " threads, tiles of " << tile;
    }
  }
  set_cpu_threads(threads);
}

TEST_F(HoleInASlide, NeedsTheQualityMask) {
  try {
    run_slide(broken_, panel("off"), options("off"));
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("needs the quality mask, which this panel switches off"));
  }
  RunOptions strict = options("off");
  strict.open = {};
  EXPECT_NO_THROW(run_slide(whole_, panel("off"), strict));
}

TEST_F(HoleInASlide, ChangesNothingWhereThereIsNone) {
  RunOptions strict = options("strict");
  strict.open = {};
  auto without = json_of(run_slide(whole_, panel(), strict).result / "run.json");
  auto with = json_of(run_slide(whole_, panel(), options("told")).result / "run.json");
  EXPECT_FALSE(without.at("parameters").contains("damaged_tiles"));
  for (std::size_t i = 0; i < without.at("outputs").size(); ++i)
    EXPECT_EQ(with.at("outputs").at(i), without.at("outputs").at(i));
}

// --- the pieces

SlideInfo info_of(const std::vector<std::string>& names) {
  SlideInfo info;
  for (const std::string& name : names) info.channels.push_back({name, "", {}, {}, {}});
  return info;
}

TEST(DamageWarning, NamesWhatIsLost) {
  const SlideInfo info = info_of({"DAPI", "", "CD3"});
  EXPECT_EQ(damage_warning({}, info), "");
  const std::vector<DamagedTile> one{{{64, 0, 64, 64}, {1}}};
  EXPECT_THAT(damage_warning(one, info),
              HasSubstr("1 tile is missing or damaged (1 of channel 2), the first at x 64, y 0"));
  const std::vector<DamagedTile> more{{{64, 0, 64, 64}, {2}}, {{0, 64, 64, 64}, {0, 2}}};
  EXPECT_THAT(damage_warning(more, info),
              HasSubstr("2 tiles are missing or damaged (1 of channel 1 (DAPI), 2 of channel 3 (CD3)), the first at"));
  const std::vector<DamagedTile> many{{{0, 0, 64, 64}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}};
  EXPECT_THAT(damage_warning(many, info_of(std::vector<std::string>(12))),
              HasSubstr("1 of channel 8 and some of 2 more channels)"));
}

TEST(LeaveOutDamage, MarksTheSquaresWithinReachAndNoOther) {
  const Extent slide{1000, 500};  // 32 x 16 squares, the last ones 8 and 20 pixels
  HostPlane<SquareSums> sums(square_grid(slide), SquareSums{});
  const std::vector<DamagedTile> tiles{{{320, 192, 64, 64}, {0}}, {{992, 480, 8, 20}, {0}}};
  leave_out_damage(tiles, slide, 50.0 / 64, sums.view());  // reach 64 pixels
  for (int y = 0; y < sums.height(); ++y)
    for (int x = 0; x < sums.width(); ++x) {
      const bool first = x >= 8 && x <= 13 && y >= 4 && y <= 9, corner = x >= 29 && y >= 13;
      const int pixels = (x == 31 ? 8 : 32) * (y == 15 ? 20 : 32);
      EXPECT_EQ(sums(x, y).not_scanned, first || corner ? pixels : 0) << x << ", " << y;
    }
}

}  // namespace
}  // namespace hexaplex::test
