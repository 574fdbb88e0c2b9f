// `--regions`, the cohort's column `regions`, and `compare --by-region`, as a user calls them.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/cli/program.h"
#include "tests/support/core/drawn_files.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const fs::path kSections = ::hexaplex::testing::source_folder() / "sample_images" / "sections";
const std::string kDrawing = drawing_of({drawn_box("Left", 0, 0, 301, 640), drawn_box("Right", 301, 0, 640, 640)});

class RegionsOption : public ::testing::Test {
 protected:
  ProgramResult program(std::vector<std::string> words) const {
    words.insert(words.end(), {"--panel", "bpdcn-infiltration-ihc", "--device", "cpu", "--out", out().string()});
    return run_program(words);
  }
  fs::path out() const { return folder_.path() / "out"; }
  json summary(const std::string& stem) const { return json::parse(bytes_of(out() / stem / "summary.json")); }
  static std::string slide(const char* stem) { return (kSections / (std::string(stem) + ".ome.tif")).string(); }

  const TemporaryFolder folder_;
};

TEST_F(RegionsOption, TakesAFileOrAFolderOfThem) {
  const std::string file = folder_.write("hdab.geojson", kDrawing).string();
  const ProgramResult one = program({"run", slide("hdab"), "--regions", file});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  const json by_file = summary("hdab");
  EXPECT_EQ(by_file["regions"].size(), 2u);
  ASSERT_EQ(program({"run", slide("hdab"), "--overwrite", "--regions", folder_.path().string()}).exit_code, 0);
  EXPECT_EQ(summary("hdab"), by_file);
  const ProgramResult two = program({"run", slide("hdab"), slide("hes"), "--regions", file});
  EXPECT_EQ(two.exit_code, 2);
  EXPECT_THAT(two.err, HasSubstr("one drawing for several slides"));
  const ProgramResult missing = program({"run", slide("hes"), "--regions", folder_.path().string()});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, HasSubstr("hes.geojson: is not there"));
}

TEST_F(RegionsOption, IsAColumnOfACohort) {
  fs::create_directory(folder_.path() / "drawn");
  folder_.write("drawn/one.geojson", kDrawing);
  fs::copy_file(kSections / "hdab.ome.tif", folder_.path() / "a.ome.tif");
  fs::copy_file(kSections / "hdab.ome.tif", folder_.path() / "b.ome.tif");
  folder_.write("drawn/b.geojson", drawing_of({drawn_box("Left", 0, 0, 301, 640)}));
  const std::string table =
      folder_.write("cohort.csv", "slide,regions\na.ome.tif,drawn/one.geojson\nb.ome.tif,\n").string();
  const ProgramResult plain = program({"batch", table});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_EQ(summary("a")["regions"].size(), 2u);
  EXPECT_FALSE(summary("b").contains("regions"));
  const ProgramResult both = program({"batch", table, "--resume", "--regions", (folder_.path() / "drawn").string()});
  ASSERT_EQ(both.exit_code, 0) << both.err;
  EXPECT_THAT(both.err, HasSubstr("1 were complete already"));
  EXPECT_EQ(summary("b")["regions"].size(), 1u) << "an empty field is what --regions has";
  const ProgramResult file = program({"batch", table, "--regions", (folder_.path() / "drawn/b.geojson").string()});
  EXPECT_EQ(file.exit_code, 2);
  EXPECT_THAT(file.err, AllOf(HasSubstr("is no folder"), HasSubstr("column `regions`")));
}

// Two animals a group on the same picture; the groups' drawings differ in the right half alone.
TEST_F(RegionsOption, StandsForOrgansInAComparison) {
  std::string table = "slide,animal,group,regions\n";
  for (const char* animal : {"v1", "v2", "t1", "t2"}) {
    const bool treated = animal[0] == 't';
    fs::copy_file(kSections / "hdab.ome.tif", folder_.path() / (std::string(animal) + ".ome.tif"));
    folder_.write(std::string(animal) + ".geojson", drawing_of({drawn_box("Left", 0, 0, 301, 640),
                                                                drawn_box("Right", 301, 0, 640, treated ? 300 : 640)}));
    table += std::string(animal) + ".ome.tif," + animal + "," + (treated ? "treated" : "vehicle") + "," + animal +
             ".geojson\n";
  }
  const std::string cohort = folder_.write("cohort.csv", table).string();
  ASSERT_EQ(program({"batch", cohort}).exit_code, 0);
  const fs::path compared = folder_.path() / "compared";
  const ProgramResult result = run_program({"compare", out().string(), "--cohort", cohort, "--out", compared.string(),
                                            "--by-region", "--score", "infiltration.tumour_cells_per_mm2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string animals = bytes_of(compared / "animals.csv");
  const json region = summary("v1")["regions"]["Right"];
  EXPECT_THAT(animals, AllOf(HasSubstr(",v1,vehicle,Left,"), HasSubstr(",t2,treated,Right,")));
  EXPECT_THAT(animals, HasSubstr(",v1,vehicle,Right,," + region["infiltration"]["tumour_cells_per_mm2"].dump()));
  const std::string rows = bytes_of(compared / "comparison.csv");
  EXPECT_THAT(rows, AllOf(HasSubstr("Left"), HasSubstr("Right")));
  const json inputs = json::parse(bytes_of(compared / "comparison.json"))["inputs"];
  EXPECT_EQ(inputs.size(), 1 + 4 * 2u) << "the cohort, and of each slide its summary and the blocks of its regions";
}

}  // namespace
}  // namespace hexaplex::test
