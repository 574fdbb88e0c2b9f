// A cohort whose vectors are those of one slide, from files to files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "core/stains/known_stains.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/painted_stains.h"
#include "tests/support/core/result_files.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path kSections = hexaplex::testing::source_folder() / "sample_images" / "sections";

class StainReference : public ::testing::Test {
 protected:
  StainReference() {
    fs::copy_file(kSections / "hdab.ome.tif", folder_.path() / "strong.ome.tif");
    options_.out = folder_.path() / "out";
    options_.um_per_px = 0.5;
  }

  // A section in other vectors.
  fs::path other(const char* name, bool with_marker) {
    const Extent extent{400, 300};
    const std::vector<StainVector> stains{turned(*known_stain("haematoxylin"), 8, 90),
                                          turned(*known_stain("DAB"), 8, 0)};
    return folder_.write(
        name,
        rgb_tiff(extent, painted_pixels({stains, with_marker, 3}, static_cast<std::size_t>(extent.area()))).bytes);
  }
  Panel panel(const std::string& stains) {
    return load_panel(
        folder_.write("p.yaml", std::string(load_panel("cd123-level").text) + "\nstains: " + stains + "\n").string());
  }
  RunOutcome run(const fs::path& slide, const Panel& with, Existing existing = Existing::overwrite) {
    options_.existing = existing;
    return run_slide(slide, with, options_);
  }
  nlohmann::json json_of(const fs::path& slide, const char* file) const {
    return nlohmann::json::parse(bytes_of(options_.out / slide_stem(slide) / file));
  }
  std::string refusal(const fs::path& slide, const Panel& with) {
    try {
      run(slide, with);
      return "none";
    } catch (const InputError& e) {
      return e.what();
    }
  }

  const TemporaryFolder folder_;
  RunOptions options_;
};

TEST_F(StainReference, GivesItsVectorsAndIsAnInput) {
  const fs::path strong = folder_.path() / "strong.ome.tif", slide = other("a.tif", true);
  run(strong, panel("{estimate: auto}"));
  const nlohmann::json of_strong = json_of(strong, "summary.json")["stains"];
  EXPECT_FALSE(of_strong.contains("reference"));
  run(slide, panel("{estimate: auto}"));
  const nlohmann::json own = json_of(slide, "summary.json")["stains"];
  ASSERT_NE(own["vectors"], of_strong["vectors"]);
  run(slide, panel("{reference: strong.ome.tif}"));
  const nlohmann::json got = json_of(slide, "summary.json")["stains"];
  EXPECT_EQ(got["vectors"], of_strong["vectors"]);
  EXPECT_EQ(got["white"], own["white"]);
  EXPECT_EQ(got["reference"], "strong.ome.tif");
  EXPECT_THAT(bytes_of(options_.out / "a" / "report.html"), HasSubstr("found on the reference slide strong.ome.tif"));
  const nlohmann::json inputs = json_of(slide, "run.json")["inputs"];
  const auto input =
      std::find_if(inputs.begin(), inputs.end(), [](const auto& i) { return i["role"] == "stain reference"; });
  ASSERT_NE(input, inputs.end());
  EXPECT_EQ((*input)["name"], "strong.ome.tif");
}

// What its own vectors give to the reference, its vectors as given do too.
TEST_F(StainReference, ChangesNothingOfItself) {
  const fs::path strong = folder_.path() / "strong.ome.tif";
  const auto cells = [&](const std::string& stains) {
    run(strong, panel(stains));
    return bytes_of(options_.out / "strong" / "cells.csv");
  };
  EXPECT_TRUE(cells("{estimate: auto}") == cells("{reference: strong.ome.tif}"));
}

TEST_F(StainReference, OfAControlIsTheSame) {
  Panel with = panel("{reference: strong.ome.tif}");
  const fs::path control = other("control.tif", true);
  with.scores["CD123"].control = control.string();
  run(control, with);
  const nlohmann::json score = json_of(control, "summary.json")["scores"]["CD123"];
  EXPECT_EQ(score["control_median"], score["median"]);
}

TEST_F(StainReference, ThatIsAnotherMakesAnotherResult) {
  const fs::path slide = other("a.tif", true);
  const Panel with = panel("{reference: strong.ome.tif}");
  run(slide, with);
  options_.resume = true;
  EXPECT_TRUE(run(slide, with).resumed);
  fs::copy_file(other("b.tif", true), folder_.path() / "strong.ome.tif", fs::copy_options::overwrite_existing);
  EXPECT_FALSE(run(slide, with).resumed);
}

TEST_F(StainReference, IsLookedAtBeforeAnythingIsRead) {
  const fs::path slide = other("a.tif", true);
  options_.dry_run = true;
  EXPECT_THAT(refusal(slide, panel("{reference: none.tif}")),
              HasSubstr("none.tif: the slide that stains.reference of"));
  EXPECT_THAT(refusal(slide, panel("{reference: none.tif}")), HasSubstr("give its path relative to the panel"));
  const fs::path marrow = hexaplex::testing::source_folder() / "sample_images" / "marrow" / "before.ome.tif";
  EXPECT_THAT(refusal(slide, panel("{reference: '" + marrow.string() + "'}")),
              HasSubstr("before.ome.tif: is no RGB picture but has 8 channels"));
}

TEST_F(StainReference, WithoutTheMarkerIsRefused) {
  other("blue.tif", false);
  EXPECT_THAT(refusal(folder_.path() / "strong.ome.tif", panel("{reference: blue.tif}")),
              HasSubstr("blue.tif: the reference slide does not show DAB"));
}

}  // namespace
}  // namespace hexaplex::test
