// `--classifier`, and the preset that needs one, as a user calls them: nuclei, annotations, training, infiltration.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/cli/program.h"
#include "tests/support/core/painted_annotations.h"
#include "tests/support/core/result_files.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path kSections = ::hexaplex::testing::source_folder() / "sample_images" / "sections";
const std::string kSlide = (kSections / "hes.ome.tif").string();
const std::string kPreset = "bpdcn-infiltration-hes";

class ClassifierOption : public ::testing::Test {
 protected:
  ProgramResult run(const fs::path& out, const std::vector<std::string>& more, const std::string& panel = kPreset) {
    std::vector<std::string> words{"run", kSlide, "--panel", panel, "--device", "cpu", "--out", out.string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
  // Nuclei, and a classifier of 20 cells of each class.
  fs::path trained(const std::string& tumour = "Tumour") {
    const fs::path model = folder_.path() / (tumour + ".json");
    if (!fs::exists(out() / "hes")) {
      EXPECT_EQ(run(out(), {}).exit_code, 0);
    }
    const fs::path drawn =
        folder_.write("drawn.geojson", annotated_points(kSections / "truth" / "hes_cells.csv", 20, tumour));
    const ProgramResult train =
        run_program({"train", (out() / "hes").string(), drawn.string(), "--out", model.string()});
    EXPECT_EQ(train.exit_code, 0) << train.err;
    return model;
  }
  fs::path out() const { return folder_.path() / "out"; }
  static json summary(const fs::path& out) { return json::parse(bytes_of(out / "hes" / "summary.json")); }

  const TemporaryFolder folder_;
};

TEST_F(ClassifierOption, IsWhatThePresetOfHesSaysThatItLacks) {
  const ProgramResult dry = run(out(), {"--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_THAT(dry.out, HasSubstr("without its classifier: cells are found and measured, nothing is classified"));
  const ProgramResult first = run(out(), {});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto says_what_to_do =
      AllOf(HasSubstr("nothing is classified and no infiltration measured"), HasSubstr("Tumour, Resident"),
            HasSubstr("hexaplex train RESULT ANNOTATIONS --out"), HasSubstr("--classifier"));
  EXPECT_THAT(first.err, says_what_to_do);
  const json got = summary(out());
  EXPECT_THAT(got["warnings"].dump(), says_what_to_do);
  EXPECT_THAT(bytes_of(out() / "hes" / "report.html"), HasSubstr("no infiltration measured"));
  EXPECT_FALSE(got.contains("infiltration"));
  EXPECT_FALSE(fs::exists(out() / "hes" / "foci.csv"));
  ASSERT_EQ(got["phenotypes"].size(), 1u) << "a count of 0 would look like a result";
  EXPECT_EQ(got["phenotypes"]["Unclassified"]["count"], got["cells"]);
}

TEST_F(ClassifierOption, TellsTumourCellsOfASection) {
  const fs::path model = trained();
  EXPECT_THAT(run(out(), {"--dry-run", "--classifier", model.string()}).out, HasSubstr("classifier " + model.string()));
  const ProgramResult done = run(out(), {"--resume", "--classifier", model.string()});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.err, AllOf(Not(HasSubstr("up to date")), Not(HasSubstr("nothing is classified"))));
  const json truth = json::parse(bytes_of(kSections / "truth" / "hes.json")), got = summary(out());
  const double painted = truth["tumour_cells"].get<double>();
  EXPECT_NEAR(got["infiltration"]["tumour_cells"].get<double>(), painted, 0.1 * painted);
  EXPECT_NEAR(got["infiltration"]["tumour_cell_area_fraction"].get<double>(),
              truth["tumour_cell_area_fraction"].get<double>(), 0.015);
  EXPECT_NEAR(got["infiltration"]["tumour_area_fraction"].get<double>(), truth["tumour_area_fraction"].get<double>(),
              0.03);
  EXPECT_EQ(got["infiltration"]["grade"], 2);
  EXPECT_EQ(got["phenotypes"]["Tumour"]["count"].get<int>() + got["phenotypes"]["Resident"]["count"].get<int>(),
            got["cells"].get<int>());

  EXPECT_THAT(run(out(), {"--resume", "--classifier", model.string()}).err, HasSubstr("complete and up to date"));
  EXPECT_EQ(run_program({"verify", out().string()}).exit_code, 0);
  std::string text = bytes_of(model);
  folder_.write("Tumour.json", text + " ");
  const ProgramResult changed = run_program({"verify", out().string()});
  EXPECT_EQ(changed.exit_code, 8) << "the classifier is an input";
  EXPECT_THAT(changed.out + changed.err, HasSubstr("Tumour.json"));
  EXPECT_THAT(run(out(), {"--resume", "--classifier", model.string()}).err, Not(HasSubstr("up to date")));
}

// The option, the key of a panel file, and a batch are one way to say it.
TEST_F(ClassifierOption, IsThePanelsKeyByAnotherWay) {
  const fs::path model = trained();
  ASSERT_EQ(run(folder_.path() / "option", {"--classifier", model.string()}).exit_code, 0);
  const ResultFiles want(folder_.path() / "option" / "hes");
  const std::string yaml = run_program({"panel", "show", kPreset}).out;
  const std::string own = folder_.write("own.yaml", yaml + "classifier: Tumour.json\n").string();
  ASSERT_EQ(run(folder_.path() / "key", {}, own).exit_code, 0);
  const std::string lost = folder_.write("lost.yaml", yaml + "classifier: lost.json\n").string();
  EXPECT_EQ(run(folder_.path() / "lost", {}, lost).exit_code, 3);
  ASSERT_EQ(run(folder_.path() / "over", {"--classifier", model.string()}, lost).exit_code, 0) << "it wins";
  const std::string cohort = folder_.write("cohort.csv", "slide\n" + kSlide + "\n").string();
  const std::vector<std::string> batch{"batch", cohort, "--panel", kPreset, "--device", "cpu", "--out"};
  const auto with = [&batch](std::vector<std::string> more) {
    more.insert(more.begin(), batch.begin(), batch.end());
    return run_program(more);
  };
  const ProgramResult together = with({(folder_.path() / "batch").string(), "--classifier", model.string()});
  ASSERT_EQ(together.exit_code, 0) << together.err;
  EXPECT_THAT(together.err, Not(HasSubstr("nothing is classified")));
  for (const char* way : {"key", "over", "batch"}) {
    const ResultFiles got(folder_.path() / way / "hes");
    EXPECT_EQ(got.files.size(), want.files.size()) << way;
    // The panel's own file is an input too, from which ids of objects are made.
    for (const char* name : {"cells.csv", "summary.json", "foci.csv", "labels.ome.tif"})
      EXPECT_TRUE(got.files.at(name) == want.files.at(name)) << way << " " << name;
  }
  EXPECT_THAT(with({(folder_.path() / "none").string()}).err, HasSubstr("nothing is classified"));
}

TEST_F(ClassifierOption, IsRefusedWhereItDoesNotFitThePanel) {
  const fs::path model = trained(), blast = trained("Blast");
  const ProgramResult other = run(out(), {"--resume", "--classifier", blast.string()});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, AllOf(HasSubstr("asks for the class Tumour, which the classifier"), HasSubstr("Blast.json"),
                               HasSubstr("it has Blast, Resident")));
  const ProgramResult useless = run(out(), {"--resume", "--classifier", model.string()}, "bpdcn-infiltration-ihc");
  EXPECT_EQ(useless.exit_code, 2);
  EXPECT_THAT(useless.err, HasSubstr("no phenotype names a class of the classifier"));
  const ProgramResult missing = run(out(), {"--resume", "--classifier", "nowhere.json"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, HasSubstr("nowhere.json"));
  EXPECT_EQ(run(out(), {"--resume", "--classifier", ""}).exit_code, 3) << "an unset variable is no classifier";
  const std::string cohort = folder_.write("cohort.csv", "slide\n" + kSlide + "\n").string();
  const ProgramResult batch = run_program({"batch", cohort, "--panel", kPreset, "--classifier", blast.string(), "--out",
                                           (folder_.path() / "batch").string()});
  EXPECT_EQ(batch.exit_code, 2) << "before any slide";
  EXPECT_FALSE(fs::exists(folder_.path() / "batch" / "ledger.jsonl"));
}

}  // namespace
}  // namespace hexaplex::test
