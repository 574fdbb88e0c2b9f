// A slide of several files: whichever of them changes, the slide has changed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "core/run/sha256.h"
#include "core/run/verify.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 128;

BuiltPage page_of(const HostPlane<float>& image) {
  const std::vector<std::uint64_t> pixels(image.data(), image.data() + image.extent().area());
  return grey_page(kSide, kSide, pixels, 16);
}

/// DAPI in one.ome.tif, CD3 in two.ome.tif.
class CompanionFiles : public ::testing::Test {
 protected:
  CompanionFiles() {
    BuiltPage first = page_of(testing::paint_field({kSide, kSide}, 24, 7, 0.5, 1).image);
    first.set_text(270,
                   "<OME UUID=\"urn:uuid:1\"><Image><Pixels Type=\"uint16\" SizeX=\"128\" SizeY=\"128\" SizeC=\"2\" "
                   "SizeZ=\"1\" SizeT=\"1\" PhysicalSizeX=\"0.5\" PhysicalSizeY=\"0.5\"><Channel Name=\"DAPI\"/>"
                   "<Channel Name=\"CD3\"/><TiffData FirstC=\"0\" IFD=\"0\"><UUID FileName=\"one.ome.tif\">urn:uuid:1"
                   "</UUID></TiffData><TiffData FirstC=\"1\" IFD=\"0\"><UUID FileName=\"two.ome.tif\">urn:uuid:2</UUID>"
                   "</TiffData></Pixels></Image></OME>");
    slide_ = folder_.write("one.ome.tif", build_tiff({first}).bytes);
    write_second(2);
  }
  void write_second(unsigned seed) {
    folder_.write("two.ome.tif",
                  build_tiff({page_of(testing::paint_field({kSide, kSide}, 24, 7, 0.5, seed).image)}).bytes);
  }

  RunOutcome run(const std::function<void(const std::string&)>& progress = {}) {
    RunOptions options;
    options.out = folder_.path() / "out";
    options.resume = true;
    options.progress = progress;
    const Panel panel = parse_panel(
        "name: two\nmodality: components\nchannels: [{marker: DAPI, compartment: nucleus}, {marker: CD3}]\n"
        "segmentation: {nuclear: DAPI, nucleus_um: 7}\nquality: {mask: off}\nphenotypes: [{name: T, when: CD3}]\n",
        folder_.path() / "two.yaml");
    folder_.write("two.yaml", panel.text);
    return run_slide(slide_, panel, options);
  }
  nlohmann::json slide_input() const {
    std::ifstream file(folder_.path() / "out" / "one" / "run.json");
    return nlohmann::json::parse(file).at("inputs").at(0);
  }

  TemporaryFolder folder_;
  fs::path slide_;
};

TEST_F(CompanionFiles, AreHashedWithTheSlide) {
  run();
  const auto input = slide_input();
  EXPECT_EQ(input.at("name"), "one.ome.tif");
  EXPECT_EQ(input.at("bytes"), fs::file_size(slide_) + fs::file_size(folder_.path() / "two.ome.tif"));
  ASSERT_EQ(input.at("files").size(), 2u);
  EXPECT_EQ(input.at("files").at(1).at("name"), "two.ome.tif");
  EXPECT_EQ(input.at("files").at(1).at("sha256"), hash_file(folder_.path() / "two.ome.tif").sha256);
}

TEST_F(CompanionFiles, OneThatChangedBetweenTwoRunsIsNotResumed) {
  EXPECT_FALSE(run().resumed);
  EXPECT_TRUE(run().resumed);
  const std::string before = slide_input().at("sha256");
  write_second(3);
  EXPECT_FALSE(run().resumed);
  EXPECT_NE(slide_input().at("sha256"), before);
  EXPECT_TRUE(run().resumed);
}

TEST_F(CompanionFiles, OneThatChangesWhileItIsReadIsRefused) {
  try {
    run([&](const std::string& stage) {
      if (stage == "segment") write_second(3);
    });
    FAIL() << "a result of two states of the slide was published";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("two.ome.tif"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("while it was being read"), std::string::npos) << e.what();
  }
  EXPECT_FALSE(fs::exists(folder_.path() / "out" / "one"));
}

TEST_F(CompanionFiles, VerifyNamesTheOneThatChanged) {
  const fs::path result = run().result;
  EXPECT_TRUE(verify_result(result).differences.empty()) << verify_result(result).differences.front();
  write_second(3);
  ASSERT_EQ(verify_result(result).differences.size(), 1u);
  EXPECT_NE(verify_result(result).differences[0].find("two.ome.tif is not what was read"), std::string::npos);
  fs::remove(folder_.path() / "two.ome.tif");
  EXPECT_NE(verify_result(result).differences.at(0).find("two.ome.tif is no longer there"), std::string::npos);
}

TEST_F(CompanionFiles, VerifyOpensNothingOutsideTheFolderOfTheSlide) {
  const fs::path result = run().result;
  std::ifstream in(result / "run.json");
  nlohmann::json json = nlohmann::json::parse(in);
  json["inputs"][0]["files"][1]["name"] = "../two.ome.tif";
  std::ofstream(result / "run.json") << json;
  const auto differences = verify_result(result).differences;
  ASSERT_EQ(differences.size(), 2u);
  EXPECT_NE(differences[1].find("the list of its files in run.json was changed"), std::string::npos);
}

}  // namespace
}  // namespace hexaplex::test
