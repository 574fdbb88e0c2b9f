// `hexaplex batch` on the sample slides.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/runtime/device.h"
#include "tests/support/cli/program.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const fs::path kMarrow = ::hexaplex::testing::source_folder() / "sample_images" / "marrow";
const std::vector<std::string> kStages{"before", "aplasia", "after"};

// A cohort of the three samples, and whatever rows are given.
fs::path cohort_in(const TemporaryFolder& folder, const std::string& more) {
  std::string table = "slide,patient,timepoint\n";
  for (const std::string& stage : kStages) table += (kMarrow / (stage + ".ome.tif")).string() + ",P1," + stage + "\n";
  return folder.write("cohort.csv", table + more);
}

ProgramResult batch(const fs::path& cohort, const fs::path& out, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"batch", cohort.string(), "--panel", "aml-marrow-6plex", "--out", out.string()};
  words.insert(words.end(), {"--library", (kMarrow / "library.csv").string()});
  words.insert(words.end(), more.begin(), more.end());
  return run_program(words);
}

// Every byte of every result file, run.json without what may differ.
std::map<std::string, std::string> results_in(const fs::path& out) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    const std::string name = fs::relative(entry.path(), out).string();
    if (!entry.is_regular_file() || name.rfind("ledger", 0) == 0 || name.rfind(".hexaplex", 0) == 0) continue;
    files[name] = bytes_of(entry.path());
    if (entry.path().filename() != "run.json") continue;
    auto run = nlohmann::json::parse(files[name]);
    run.erase("execution");
    files[name] = run.dump();
  }
  return files;
}

TEST(BatchCommand, GivesWhatEachSlideGivesAloneAndNamesTheBadOnes) {
  const TemporaryFolder folder;
  folder.write("cut.tif", "II*");
  folder.write("text.tif", "not a picture");
  const fs::path cohort = cohort_in(folder, "cut.tif,P2,before\nmissing.tif,P3,before\ntext.tif,P4,before\n");
  const auto result = batch(cohort, folder.path() / "out", {"--jobs", "2"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, AllOf(HasSubstr("cut failed"), HasSubstr("missing failed"), HasSubstr("text failed"),
                                HasSubstr("3 of 6 slides failed")));
  for (const std::string& stage : kStages)
    ASSERT_EQ(run_program({"run", (kMarrow / (stage + ".ome.tif")).string(), "--panel", "aml-marrow-6plex", "--library",
                           (kMarrow / "library.csv").string(), "--out", (folder.path() / "solo").string(), "--device",
                           "cpu", "--threads", "1"})
                  .exit_code,
              0);
  auto together = results_in(folder.path() / "out");
  EXPECT_EQ(together.erase("cohort.csv") + together.erase("cohort_phenotypes.csv"), 2u);
  EXPECT_EQ(together, results_in(folder.path() / "solo"));
}

TEST(BatchCommand, ResumesWithoutDoingAFinishedSlideAgain) {
  const TemporaryFolder folder;
  const fs::path cohort = cohort_in(folder, ""), out = folder.path() / "out";
  ASSERT_EQ(batch(cohort, out).exit_code, 0);
  const auto before = results_in(out);
  fs::remove_all(out / "aplasia");
  const auto written = fs::last_write_time(out / "before" / "run.json");
  EXPECT_EQ(batch(cohort, out).exit_code, 6) << "only --resume goes on with a batch";
  const auto again = batch(cohort, out, {"--resume"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("3 slides done (2 were complete already)"));
  EXPECT_EQ(fs::last_write_time(out / "before" / "run.json"), written);
  EXPECT_EQ(results_in(out), before);
}

TEST(BatchCommand, WritesTheTablesOfRunsThatNoBatchDid) {
  const TemporaryFolder folder;
  const fs::path cohort = cohort_in(folder, ""), out = folder.path() / "out", runs = folder.path() / "runs";
  ASSERT_EQ(batch(cohort, out, {"--tables", "never"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(out / "cohort.csv"));
  fs::create_directory(runs);
  for (const std::string& stage : kStages) fs::copy(out / stage, runs / stage, fs::copy_options::recursive);
  ASSERT_EQ(batch(cohort, out, {"--resume"}).exit_code, 0);
  const auto tables = batch(cohort, runs, {"--tables", "only"});
  EXPECT_EQ(tables.exit_code, 0);
  EXPECT_THAT(tables.err, HasSubstr("3 slides done, 0 failed, 0 missing"));
  EXPECT_EQ(results_in(runs), results_in(out));
  EXPECT_FALSE(fs::exists(runs / "ledger.jsonl"));
}

TEST(BatchCommand, RefusesWrongUsageBeforeAnyWork) {
  const TemporaryFolder folder;
  const fs::path cohort = cohort_in(folder, ""), out = folder.path() / "out";
  EXPECT_EQ(batch(cohort, out, {"--shard", "4/3"}).exit_code, 2);
  EXPECT_EQ(batch(cohort, out, {"--tables", "sometimes"}).exit_code, 2);
  EXPECT_EQ(batch(cohort, out, {"--tables", "only", "--shard", "1/3"}).exit_code, 2);
  EXPECT_EQ(batch(cohort, out, {"--tables", "only"}).exit_code, 3);
  if (!why_no_device().empty()) {
    EXPECT_EQ(batch(cohort, out, {"--device", "cuda"}).exit_code, 5);
  }
  EXPECT_EQ(batch(cohort, out, {"--memory-limit", "much"}).exit_code, 2);
  EXPECT_EQ(batch(folder.path() / "none.csv", out).exit_code, 3);
  EXPECT_EQ(batch(folder.write("twice.csv", "slide\na.tif\nb/a.tif\n"), out).exit_code, 2);
  const auto panel = folder.write("other.csv", "slide,panel\na.tif,no-such-panel\n");
  EXPECT_EQ(batch(panel, out).exit_code, 2);
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace hexaplex::test
