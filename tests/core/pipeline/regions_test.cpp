// Regions drawn on a slide, from the GeoJSON to every file: what they restrict, and what they leave as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/io/csv_table.h"
#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "core/run/verify.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "tests/support/core/drawn_files.h"
#include "tests/support/core/result_files.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const fs::path kSections = ::hexaplex::testing::source_folder() / "sample_images" / "sections";
const fs::path kMarrow = ::hexaplex::testing::source_folder() / "sample_images" / "marrow";
constexpr int kSide = 640;   // pixels of the section
constexpr double kUm = 0.5;  // and their size
constexpr int kLine = 301;   // between Left and Right

class Regions : public ::testing::Test {
 protected:
  Regions() {
    options_.out = folder_.path() / "out";
    options_.existing = Existing::overwrite;
    options_.device.mode = DeviceChoice::Mode::cpu;
  }

  RunOutcome run_on(const fs::path& slide, const Panel& panel, const std::vector<std::string>& features) {
    options_.regions.reset();
    if (!features.empty()) options_.regions = folder_.write("drawn.geojson", drawing_of(features));
    return run_slide(slide, panel, options_);
  }
  ResultFiles files_of(const Panel& panel, const std::vector<std::string>& features) {
    return ResultFiles(run_on(kSections / "hdab.ome.tif", panel, features).result);
  }
  json summary_of(const Panel& panel, const std::vector<std::string>& features) {
    return json::parse(files_of(panel, features).files.at("summary.json"));
  }

  const TemporaryFolder folder_;
  RunOptions options_;
  const Panel panel_ = load_panel("bpdcn-infiltration-ihc");
};

// Columns of cells.csv by name.
std::map<std::string, std::vector<std::string>> table_of(const std::string& bytes, const TemporaryFolder& folder) {
  std::map<std::string, std::vector<std::string>> columns;
  const std::vector<CsvRow> rows = read_csv(folder.write("table.csv", bytes), std::size_t{1} << 28);
  for (std::size_t c = 0; c < rows[0].fields.size(); ++c)
    for (std::size_t i = 1; i < rows.size(); ++i) columns[rows[0].fields[c]].push_back(rows[i].fields[c]);
  return columns;
}

const std::vector<std::string> kHalves{drawn_box("Left", 0, 0, kLine, kSide),
                                       drawn_box("Right", kLine, 0, kSide, kSide),
                                       drawn_box("Ignore*", 100, 100, 200, 250)};

TEST_F(Regions, ThatHoldTheWholeSlideChangeNoNumber) {
  json drawn = summary_of(panel_, {drawn_box("All", 0, 0, kSide, kSide)});
  const json plain = summary_of(panel_, {});
  json region = drawn["regions"]["All"];
  EXPECT_EQ(drawn["cells_outside_regions"], 0);
  for (const auto& [key, value] : region.items()) EXPECT_EQ(value, plain.at(key)) << key;
  drawn.erase("regions"), drawn.erase("cells_outside_regions");
  drawn["tissue_definition"] = plain["tissue_definition"];
  EXPECT_EQ(drawn, plain);
}

// The drawing is rectangles, so where a cell lies needs no geometry.
TEST_F(Regions, CountTheCellsWhoseCentresLieInThemAndChangeNoMeasure) {
  const ResultFiles drawn = files_of(panel_, kHalves), plain = files_of(panel_, {});
  EXPECT_TRUE(drawn.files.at("labels.ome.tif") == plain.files.at("labels.ome.tif"));
  EXPECT_TRUE(drawn.files.at("mcquant.csv") == plain.files.at("mcquant.csv"));
  auto table = table_of(drawn.files.at("cells.csv"), folder_), before = table_of(plain.files.at("cells.csv"), folder_);
  for (const auto& [name, column] : before) {
    if (name == "phenotype" || name == "assessable" || name.find("_positive") != std::string::npos) continue;
    EXPECT_EQ(column, table.at(name)) << name;
  }
  std::map<std::string, std::map<std::string, int>> want;
  int outside = 0;
  for (std::size_t i = 0; i < table["x_um"].size(); ++i) {
    const double x = std::stod(table["x_um"][i]) / kUm + 0.5, y = std::stod(table["y_um"][i]) / kUm + 0.5;
    const bool ignored = x >= 100 && x < 200 && y >= 100 && y < 250;
    const std::string region = ignored ? "" : x < kLine ? "Left" : "Right";
    EXPECT_EQ(table["region"][i], region);
    EXPECT_EQ(table["assessable"][i], ignored ? "0" : "1");
    if (ignored) {
      EXPECT_EQ(table["phenotype"][i], "Outside regions");
      EXPECT_EQ(table["CD123_positive"][i], "");
      ++outside;
    } else {
      EXPECT_EQ(table["phenotype"][i], before["phenotype"][i]);
      ++want[region][table["phenotype"][i]], ++want["both"][table["phenotype"][i]];
    }
  }
  const json s = json::parse(drawn.files.at("summary.json"));
  EXPECT_GE(outside, 5);
  EXPECT_EQ(s["cells_outside_regions"], outside);
  EXPECT_EQ(s["cells_assessable"], s["cells"].get<int>() - outside);
  EXPECT_EQ(s["quality"]["cells_excluded"], 0);
  for (const auto& [region, block] :
       {std::pair{"Left", s["regions"]["Left"]}, {"Right", s["regions"]["Right"]}, {"both", s}})
    for (const char* phenotype : {"Tumour", "Resident"}) {
      EXPECT_GE(want[region][phenotype], 10);
      EXPECT_EQ(block["phenotypes"][phenotype]["count"], want[region][phenotype]) << region << " " << phenotype;
      EXPECT_NEAR(block["phenotypes"][phenotype]["per_mm2"].get<double>(),
                  want[region][phenotype] / block["tissue_mm2"].get<double>(), 1e-9);
    }
}

TEST_F(Regions, MeasureTheAreaThatLiesInThem) {
  Panel panel = panel_;
  panel.infiltration.reset();
  panel.quality.mask = false;
  const json s = summary_of(panel, kHalves);
  const double px = kUm * kUm / 1e6, hole = 100 * 150 * px;
  EXPECT_NEAR(s["regions"]["Left"]["tissue_mm2"].get<double>(), kLine * kSide * px - hole, 1e-12);
  EXPECT_NEAR(s["regions"]["Right"]["tissue_mm2"].get<double>(), (kSide - kLine) * kSide * px, 1e-12);
  EXPECT_NEAR(s["tissue_mm2"].get<double>(), kSide * kSide * px - hole, 1e-12);
  // Of the mask's squares of 32 pixels the part that lies in a region counts, so parts add up.
  panel.quality.mask = true;
  const auto area = [](const json& block) { return block["tissue_mm2"].get<double>(); };
  const auto stained = [&](const json& block) {
    return block["scores"]["CD123"]["area_percent"].get<double>() * area(block);
  };
  const std::vector<std::string> halves{kHalves[0], kHalves[1]};
  const json parts = summary_of(panel, halves), whole = summary_of(panel, {});
  const json &left = parts["regions"]["Left"], &right = parts["regions"]["Right"];
  EXPECT_LT(area(whole), 0.99 * kSide * kSide * px) << "there is glass";
  EXPECT_NEAR(area(left) + area(right), area(whole), 1e-12);
  EXPECT_NEAR(stained(left) + stained(right), stained(whole), 1e-9);
  EXPECT_GT(stained(left), 1.2 * stained(right)) << "the two halves differ";
}

// All regions together are one region of all their areas, and each is what it is without the others.
TEST_F(Regions, AreMeasuredByThemselvesAndTogether) {
  const json two = summary_of(panel_, kHalves);
  const json one = summary_of(
      panel_, {drawn_box("Both", 0, 0, kLine, kSide), drawn_box("Both", kLine, 0, kSide, kSide), kHalves[2]});
  EXPECT_EQ(one["infiltration"], two["infiltration"]);
  EXPECT_EQ(one["scores"], two["scores"]);
  EXPECT_EQ(one["regions"]["Both"]["infiltration"], two["infiltration"]);
  const json left = summary_of(panel_, {kHalves[0], kHalves[2]});
  EXPECT_EQ(left["regions"]["Left"], two["regions"]["Left"]);
  EXPECT_EQ(left["infiltration"], two["regions"]["Left"]["infiltration"]);
  EXPECT_EQ(left["tissue_mm2"], two["regions"]["Left"]["tissue_mm2"]);
  const auto tumour = [](const json& block) {
    const json& i = block["infiltration"];
    return i["tumour_area_fraction"].get<double>() * i["tissue_mm2"].get<double>();
  };
  EXPECT_GT(tumour(two), 0);
  EXPECT_NE(two["regions"]["Left"]["infiltration"]["tumour_area_fraction"],
            two["regions"]["Right"]["infiltration"]["tumour_area_fraction"]);
}

TEST_F(Regions, ThatOverlapBothCountWhatTheyShare) {
  const json s = summary_of(panel_, {drawn_box("Organ", 0, 0, kSide, kSide), drawn_box("Nest", 0, 0, kLine, kSide)});
  const json left = summary_of(panel_, {drawn_box("Nest", 0, 0, kLine, kSide)});
  EXPECT_EQ(s["regions"]["Nest"], left["regions"]["Nest"]);
  EXPECT_EQ(s["regions"]["Organ"]["cells"], s["cells"]);
  EXPECT_EQ(s["cells_assessable"], s["cells"]) << "nothing counts twice in what is of all together";
  const auto table =
      table_of(files_of(panel_, {drawn_box("Organ", 0, 0, kSide, kSide), drawn_box("Nest", 0, 0, kLine, kSide)})
                   .files.at("cells.csv"),
               folder_);
  EXPECT_EQ(std::set<std::string>(table.at("region").begin(), table.at("region").end()),
            (std::set<std::string>{"Nest;Organ", "Organ"}));
}

TEST_F(Regions, GiveTheSameFilesInAnyTilesThreadsAndMemory) {
  const auto want = files_of(panel_, kHalves).files;
  EXPECT_EQ(want.count("region_foci.csv") + want.count("region_blocks.csv"), 2u);
  const auto expect_same = [&] {
    for (const auto& [name, bytes] : files_of(panel_, kHalves).files) EXPECT_TRUE(want.at(name) == bytes) << name;
  };
  for (const TileShape tile : {TileShape(128), TileShape(300, 77), TileShape(0)}) {
    options_.tile_px = tile;
    expect_same();
  }
  options_.memory_limit_bytes = std::int64_t{600} << 20;
  set_cpu_threads(1);
  expect_same();
  set_cpu_threads(0);
}

// The tables of regions add up to what the summary says of each.
TEST_F(Regions, HaveTablesOfFociAndBlocksOfTheirOwn) {
  const auto files = files_of(panel_, kHalves).files;
  const json regions = json::parse(files.at("summary.json"))["regions"];
  auto foci = table_of(files.at("region_foci.csv"), folder_), blocks = table_of(files.at("region_blocks.csv"), folder_);
  for (const auto& [name, region] : regions.items()) {
    std::size_t rows = 0;
    double tissue = 0;
    for (const std::string& of : foci["region"]) rows += of == name ? 1 : 0;
    for (std::size_t i = 0; i < blocks["region"].size(); ++i)
      if (blocks["region"][i] == name) tissue += std::stod(blocks["tissue_mm2"][i]);
    EXPECT_EQ(region["infiltration"]["foci"], rows) << name;
    EXPECT_NEAR(region["tissue_mm2"].get<double>(), tissue, 1e-12) << name;
  }
  for (const char* name : {"Left", "Right"}) {
    EXPECT_THAT(files.at("report.html"), HasSubstr(std::string("</span>") + name + "</td>"));
    EXPECT_THAT(files.at("cell_seg_data.txt"), HasSubstr(std::string("\t") + name + "\t"));
  }
  EXPECT_TRUE(files.at("overlay.png") != files_of(panel_, {}).files.at("overlay.png"));
}

TEST_F(Regions, AreAnInputThatResumeAndVerifyKnow) {
  const fs::path slide = kSections / "hdab.ome.tif";
  const fs::path result = run_on(slide, panel_, kHalves).result;
  const json run = json::parse(bytes_of(result / "run.json"));
  EXPECT_EQ(run["parameters"]["regions"], "drawn");
  EXPECT_THAT(verify_result(result).differences, IsEmpty());
  options_.resume = true;
  EXPECT_TRUE(run_on(slide, panel_, kHalves).resumed);
  folder_.write("drawn.geojson", drawing_of({kHalves[0]}));
  EXPECT_THAT(verify_result(result).differences, SizeIs(1));
  EXPECT_FALSE(run_on(slide, panel_, {kHalves[0]}).resumed);
  EXPECT_TRUE(run_on(slide, panel_, {kHalves[0]}).resumed);
  EXPECT_FALSE(run_on(slide, panel_, {}).resumed);
}

TEST_F(Regions, CanBeTheControlOfAScore) {
  Panel panel = load_panel("cd123-level");
  ScoreRule& rule = panel.scores["CD123"];
  rule.control_region = "Right";
  rule.levels = {1.5, 3};
  json s = summary_of(panel, kHalves);
  const json &left = s["regions"]["Left"]["scores"]["CD123"], &right = s["regions"]["Right"]["scores"]["CD123"];
  EXPECT_EQ(right["rfi"], 1);
  EXPECT_EQ(right["stain_index"], 0);
  EXPECT_EQ(left["control_median"], right["median"]);
  EXPECT_DOUBLE_EQ(left["rfi"].get<double>(), left["median"].get<double>() / right["median"].get<double>());
  // The same region of the same picture, named as another slide's.
  rule.control = (kSections / "hdab.ome.tif").string();
  rule.control_drawing = folder_.write("control.geojson", drawing_of(kHalves)).string();
  const json other = summary_of(panel, kHalves);
  EXPECT_EQ(other["scores"], s["scores"]);
  EXPECT_EQ(other["regions"], s["regions"]);
  rule.control_region = "Rihgt";
  EXPECT_THROW(summary_of(panel, kHalves), ConfigError);
  rule.control.clear(), rule.control_drawing.clear();
  EXPECT_THROW(summary_of(panel, kHalves), ConfigError);
  rule.control_region = "Right";
  EXPECT_THROW(summary_of(panel, {}), ConfigError) << "nothing was drawn";
}

// Automatic thresholds are of the cells that count: what lies outside cannot move them.
TEST_F(Regions, RestrictFluorescenceToo) {
  options_.library = kMarrow / "library.csv";
  const Panel panel = load_panel("aml-marrow-6plex");
  const ResultFiles plain(run_on(kMarrow / "before.ome.tif", panel, {}).result);
  const json run = json::parse(plain.files.at("run.json"));
  const int width = run["slide"]["width_px"], height = run["slide"]["height_px"];
  const ResultFiles drawn(
      run_on(kMarrow / "before.ome.tif", panel, {drawn_box("Half", 0, 0, width / 2, height)}).result);
  EXPECT_TRUE(drawn.files.at("labels.ome.tif") == plain.files.at("labels.ome.tif"));
  const json s = json::parse(drawn.files.at("summary.json"));
  auto table = table_of(drawn.files.at("cells.csv"), folder_);
  std::map<std::string, int> want;
  for (std::size_t i = 0; i < table["region"].size(); ++i) {
    EXPECT_EQ(table["region"][i].empty(), table["phenotype"][i] == "Outside regions");
    if (table["assessable"][i] == "1") ++want[table["phenotype"][i]];
  }
  EXPECT_GT(s["cells_outside_regions"], 100);
  for (const auto& [name, p] : s["phenotypes"].items()) {
    EXPECT_EQ(p["count"], want[name]) << name;
    EXPECT_EQ(p, s["regions"]["Half"]["phenotypes"][name]);
  }
  const json whole = json::parse(plain.files.at("summary.json"));
  EXPECT_LT(s["tissue_mm2"].get<double>(), 0.6 * whole["tissue_mm2"].get<double>());
}

TEST_F(Regions, OfAnotherSlideAreRefusedBeforeAnyPixelIsRead) {
  options_.dry_run = true;
  EXPECT_THROW(run_on(kSections / "hdab.ome.tif", panel_, {drawn_box("A", kSide, 0, 2000, 50)}), InputError);
  EXPECT_THAT(run_on(kSections / "hdab.ome.tif", panel_, kHalves).plan, HasSubstr("regions Left, Right"));
}

}  // namespace
}  // namespace hexaplex::test
