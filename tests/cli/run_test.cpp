// `hexaplex run` on the sample slides.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path kMarrow = fs::path(HEXAPLEX_SOURCE_DIR) / "sample_images" / "marrow";

std::vector<std::string> marrow_run(const fs::path& out, const std::vector<std::string>& more) {
  std::vector<std::string> words{"run",       (kMarrow / "aplasia.ome.tif").string(),
                                 "--panel",   "aml-marrow-6plex",
                                 "--library", (kMarrow / "library.csv").string(),
                                 "--out",     out.string(),
                                 "--device",  "cpu"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

nlohmann::json read_json(const fs::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

TEST(RunResume, LeavesACompleteResultAlone) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const auto written = fs::last_write_time(out.path() / "aplasia" / "run.json");
  const auto again = run_program(marrow_run(out.path(), {"--resume"}));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("is complete and up to date"));
  EXPECT_EQ(fs::last_write_time(out.path() / "aplasia" / "run.json"), written);
}

TEST(RunResume, DoesAgainWhatWasAskedOtherwise) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{"--um-per-px", "0.45"}, {"--unmixing", "least-squares"}, {"--write", "unmixed"}}) {
    std::vector<std::string> more = other;
    more.push_back("--resume");
    const auto result = run_program(marrow_run(out.path(), more));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, Not(HasSubstr("up to date"))) << other[0];
    EXPECT_THAT(run_program(marrow_run(out.path(), more)).err, HasSubstr("up to date")) << other[0];
  }
  EXPECT_TRUE(fs::exists(out.path() / "aplasia" / "unmixed.ome.tif"));
}

TEST(RunResume, DoesAgainWhatWasDamaged) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const fs::path cells = out.path() / "aplasia" / "cells.csv";
  const auto bytes = fs::file_size(cells);
  fs::resize_file(cells, bytes / 2);
  EXPECT_THAT(run_program(marrow_run(out.path(), {"--resume"})).err, Not(HasSubstr("up to date")));
  EXPECT_EQ(fs::file_size(cells), bytes);
}

TEST(Run, TellsTheDiameterItWorkedWith) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const auto run = read_json(out.path() / "aplasia" / "run.json");
  EXPECT_EQ(run.at("derived").at("nucleus_um"), 7.0);
  EXPECT_EQ(run.at("parameters").at("segmentation").at("nucleus_um"), 7.0);
}

TEST(Run, RefusesAnExistingResult) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const auto again = run_program(marrow_run(out.path(), {}));
  EXPECT_EQ(again.exit_code, 6);
  EXPECT_THAT(again.err, HasSubstr("holds a result already"));
}

}  // namespace
}  // namespace hexaplex::test
