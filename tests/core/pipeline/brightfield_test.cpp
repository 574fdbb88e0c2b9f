// Stained sections, from the file to the scores, against the painted truth and against themselves in other tiles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/classify/training.h"
#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "tests/support/core/painted_annotations.h"
#include "tests/support/core/result_files.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

fs::path section(const std::string& name) {
  return hexaplex::testing::source_folder() / "sample_images" / "sections" / name;
}

class Brightfield : public ::testing::Test {
 protected:
  Brightfield() { options_.out = folder_.path() / "out"; }

  fs::path run(const fs::path& slide, const Panel& panel) {
    options_.existing = Existing::overwrite;
    return run_slide(slide, panel, options_).result;
  }
  static nlohmann::json json_of(const fs::path& file) { return nlohmann::json::parse(bytes_of(file)); }

  const TemporaryFolder folder_;
  RunOptions options_;
};

TEST_F(Brightfield, FindsWhatWasPaintedInHaematoxylinAndDab) {
  const nlohmann::json truth = json_of(section("truth/hdab.json"));
  const nlohmann::json got =
      json_of(run(section("hdab.ome.tif"), load_panel("bpdcn-infiltration-ihc")) / "summary.json");
  const nlohmann::json& inf = got["infiltration"];
  EXPECT_NEAR(got["cells"].get<double>(), truth["cells"].get<double>(), 4);
  EXPECT_NEAR(inf["tumour_cells"].get<double>(), truth["tumour_cells"].get<double>(), 4);
  EXPECT_NEAR(inf["tissue_mm2"].get<double>(), truth["tissue_mm2"].get<double>(), 0.001);
  EXPECT_NEAR(inf["tumour_cell_area_fraction"].get<double>(), truth["tumour_cell_area_fraction"].get<double>(), 0.0104);
  EXPECT_NEAR(inf["tumour_area_fraction"].get<double>(), truth["tumour_area_fraction"].get<double>(), 0.029);
  EXPECT_EQ(got["tissue_mm2"], inf["tissue_mm2"]);
  EXPECT_EQ(inf["grade"], 2);
  for (const auto& [marker, stain] : {std::pair{"Haematoxylin", "haematoxylin"}, {"CD123", "dab"}}) {
    const auto found = got["stains"]["vectors"][marker]["optical_density"].get<std::vector<double>>();
    const auto painted = truth["stain_vectors"][stain].get<std::vector<double>>();
    double dot = 0;
    for (int b = 0; b < 3; ++b) dot += found[b] * painted[b];
    EXPECT_GT(dot, std::cos(5 * 3.14159265 / 180)) << marker;
  }
  for (const auto& w : got["stains"]["white"]) EXPECT_NEAR(w.get<double>(), 242, 0.5);
}

// The painted section has tumour cells; without its brown stain it has none.
TEST_F(Brightfield, FindsNoFociWhereThereIsNoMarker) {
  Panel panel = load_panel("bpdcn-infiltration-ihc");
  panel.positivity["CD123"].value = 5;
  const nlohmann::json got = json_of(run(section("hdab.ome.tif"), panel) / "summary.json");
  EXPECT_EQ(got["infiltration"]["tumour_cells"], 0);
  EXPECT_EQ(got["infiltration"]["foci"], 0);
  EXPECT_EQ(got["infiltration"]["grade"], 0);
  EXPECT_EQ(got["infiltration"]["tumour_area_fraction"], 0);
  EXPECT_TRUE(got["infiltration"]["border_distance_um"]["median"].is_null());
}

// Against itself a slide is as intense as its control; against a fainter one it is more so.
TEST_F(Brightfield, ComparesAMarkerWithAControlSlide) {
  Panel panel = load_panel("cd123-level");
  panel.scores["CD123"].control = section("hdab.ome.tif").string();
  panel.scores["CD123"].levels = {1.5, 3};
  const fs::path result = run(section("hdab.ome.tif"), panel);
  const nlohmann::json score = json_of(result / "summary.json")["scores"]["CD123"];
  EXPECT_EQ(score["rfi"], 1);
  EXPECT_EQ(score["stain_index"], 0);
  EXPECT_EQ(score["level"], "low");
  EXPECT_EQ(score["control_median"], score["median"]);
  const nlohmann::json inputs = json_of(result / "run.json")["inputs"];
  EXPECT_TRUE(std::any_of(inputs.begin(), inputs.end(), [](const auto& i) { return i["role"] == "control"; }));
}

TEST_F(Brightfield, GivesTheSameFilesInAnyTilesThreadsAndMemory) {
  const Panel panel = load_panel("bpdcn-infiltration-ihc");
  options_.write_unmixed = true;
  const auto want = ResultFiles(run(section("hdab.ome.tif"), panel)).files;
  EXPECT_EQ(want.count("foci.csv") + want.count("blocks.csv") + want.count("unmixed.ome.tif"), 3u);
  const auto expect_same = [&] {
    const ResultFiles got(run(section("hdab.ome.tif"), panel));
    for (const auto& [name, bytes] : got.files) EXPECT_TRUE(want.at(name) == bytes) << name;
  };
  for (const TileShape tile : {TileShape(128), TileShape(300, 77), TileShape(256, 256, 7), TileShape(0)}) {
    options_.tile_px = tile;
    expect_same();
  }
  options_.window_bytes = 1 << 16;
  options_.memory_limit_bytes = std::int64_t{600} << 20;
  expect_same();
  set_cpu_threads(1);
  expect_same();
  set_cpu_threads(0);
}

TEST_F(Brightfield, FindsNucleiOfThreeStains) {
  const nlohmann::json truth = json_of(section("truth/hes.json"));
  const Panel panel = parse_panel(
      "modality: brightfield\n"
      "stains: {vectors: {eosin R: [0.07, 0.99, 0.11]}}\n"
      "channels: [{marker: H, stain: haematoxylin, compartment: nucleus}, {marker: E, stain: eosin R},\n"
      "           {marker: S, stain: saffron}]\n"
      "segmentation: {nuclear: H, nucleus_um: 7}\n",
      "");
  const nlohmann::json got = json_of(run(section("hes.ome.tif"), panel) / "summary.json");
  EXPECT_NEAR(got["cells"].get<double>(), truth["cells"].get<double>(), 0.05 * truth["cells"].get<double>());
}

// On haematoxylin, eosin and saffron nothing but size, darkness and company tells tumour cells: a classifier is shown
// 20 of each kind and finds the others.
TEST_F(Brightfield, FindsTumourCellsByAClassifier) {
  const std::string yaml =
      "modality: brightfield\n"
      "stains: {vectors: {eosin R: [0.07, 0.99, 0.11]}}\n"
      "channels: [{marker: H, stain: haematoxylin, compartment: nucleus}, {marker: E, stain: eosin R},\n"
      "           {marker: S, stain: saffron}]\n"
      "segmentation: {nuclear: H, nucleus_um: 7, expansion_um: 1.4}\n";
  const fs::path result = run(section("hes.ome.tif"), parse_panel(yaml, ""));
  const TrainedClassifier trained = train_classifier(
      {{result, folder_.write("drawn.geojson", annotated_points(section("truth/hes_cells.csv"), 20))}});
  EXPECT_THAT(trained.kinds, ::testing::ElementsAre("Resident", "Tumour"));
  for (const std::size_t cells : trained.cells) EXPECT_NEAR(static_cast<double>(cells), 20, 2);
  folder_.write("model.json", trained.classifier.text());
  const fs::path panel = folder_.write("hes.yaml", yaml +
                                                       "classifier: model.json\n"
                                                       "phenotypes: [{name: Blast, when: Tumour}]\n"
                                                       "infiltration: {tumour: [Blast]}\n");
  const nlohmann::json got = json_of(run(section("hes.ome.tif"), load_panel(panel.string())) / "summary.json");
  const double painted = json_of(section("truth/hes.json"))["tumour_cells"].get<double>();
  EXPECT_NEAR(got["infiltration"]["tumour_cells"].get<double>(), painted, 0.1 * painted);
  EXPECT_EQ(got["infiltration"]["tumour_cells"], got["phenotypes"]["Blast"]["count"]);
  const nlohmann::json inputs = json_of(options_.out / "hes" / "run.json")["inputs"];
  EXPECT_TRUE(std::any_of(inputs.begin(), inputs.end(), [](const auto& i) { return i["role"] == "classifier"; }));
}

// Without its classifier a panel gives what the same panel without classes and all that hangs on them gives.
TEST_F(Brightfield, FindsCellsBeforeThereIsAClassifier) {
  const Panel preset = load_panel("bpdcn-infiltration-hes");
  const ResultFiles got(run(section("hes.ome.tif"), preset));
  Panel cells_only = preset;
  cells_only.classes.clear();
  cells_only.phenotypes.clear();
  cells_only.infiltration.reset();
  const ResultFiles want(run(section("hes.ome.tif"), cells_only));
  EXPECT_EQ(got.files.size(), want.files.size());
  for (const auto& [name, bytes] : got.files)
    EXPECT_EQ(want.files.at(name) == bytes, name != "summary.json" && name != "report.html" && name != "run.json")
        << name << ": only the warning differs";
  options_.dry_run = true;
  EXPECT_THAT(run_slide(section("hes.ome.tif"), preset, options_).plan, HasSubstr("nothing is classified"));
}

TEST_F(Brightfield, RefusesAPanelWhoseClassifierIsMissingOrNamesAMarker) {
  const std::string start =
      "modality: brightfield\nchannels: [{marker: Tumour, stain: haematoxylin, compartment: nucleus}]\n";
  EXPECT_THROW(load_panel(folder_.write("a.yaml", start + "classifier: none.json\n").string()), InputError);
  std::vector<CellFeatures> features(4);
  for (std::size_t i = 0; i < 4; ++i) features[i].fill(static_cast<float>(i));
  const std::vector<int> kinds{0, 0, 1, 1};
  folder_.write("m.json", CellClassifier::train({"Resident", "Tumour"}, features, kinds).text());
  try {
    load_panel(folder_.write("b.yaml", start + "classifier: m.json\n").string());
    FAIL() << "one name for two things";
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("has a class Tumour, which is the name of a marker too"));
  }
}

TEST_F(Brightfield, WarnsWhereTheStainIsNotWhatThePanelSays) {
  const nlohmann::json got = json_of(run(section("hes.ome.tif"), load_panel("cd38-level")) / "summary.json");
  EXPECT_THAT(got["warnings"].get<std::vector<std::string>>(), Contains(HasSubstr("is DAB the right stain?")));
}

TEST_F(Brightfield, RefusesStainsThatAreOne) {
  const Panel panel = parse_panel(
      "modality: brightfield\n"
      "stains: {estimate: 'off', vectors: {DAB again: [0.27, 0.57, 0.78]}}\n"
      "channels: [{marker: H, stain: DAB, compartment: nucleus}, {marker: E, stain: DAB again}]\n",
      "twice.yaml");
  try {
    run(section("hdab.ome.tif"), panel);
    FAIL() << "one stain under two names";
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("the stains DAB, DAB again cannot be told apart"));
  }
}

TEST_F(Brightfield, RefusesWhatIsNoRgbPicture) {
  const fs::path marrow = hexaplex::testing::source_folder() / "sample_images" / "marrow" / "before.ome.tif";
  try {
    run(marrow, load_panel("cd123-level"));
    FAIL() << "8 bands are no RGB picture";
  } catch (const InputError& e) {
    EXPECT_THAT(e.what(), HasSubstr("is no RGB picture but has 8 channels"));
  }
}

}  // namespace
}  // namespace hexaplex::test
