// `hexaplex loss` as a user calls it, on results that are written here, and on one that the program makes.
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/cli/program.h"
#include "tests/support/file_content.h"
#include "tests/support/folder_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/written_result.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct WrittenLoss {
  TemporaryFolder folder{};
  fs::path out = folder.path() / "loss";

  WrittenLoss() {
    for (const auto& [name, level] : {std::pair{"before", 0.5}, {"after", 0.2}, {"control", 0.05}}) {
      WrittenResult result;
      result.slide = name;
      for (int block = 0; block < 16; ++block)
        for (int i = 0; i < 10; ++i)
          result.cells.push_back({500.0 * (block % 4) + 30 * i, 500.0 * (block / 4) + 1,
                                  level * (0.7 + 0.05 * ((block * 5) % 13)) * (0.9 + 0.02 * i)});
      result.write(folder.path() / name);
    }
  }
  std::string at(const std::string& name) const { return (folder.path() / name).string(); }
  ProgramResult loss(const std::vector<std::string>& more = {},
                     const std::vector<std::string>& environment = {}) const {
    std::vector<std::string> words{"loss",     at("before"), "--after", at("after"),
                                   "--marker", "CD123",      "--out",   out.string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words, environment);
  }
};

TEST(LossCommand, WritesAPageTablesAndHistograms) {
  const WrittenLoss pair;
  const ProgramResult result = pair.loss({"--cells", "Blast", "--control", pair.at("control")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("CD123 was lost: by 66.7 %"), HasSubstr("loss.html"), Not(HasSubstr("warning"))));
  const auto files = files_in(pair.out);
  std::vector<std::string> names;
  for (const auto& [name, unused] : files) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("distribution.csv", "distribution.svg", "loss.csv", "loss.html", "loss.json"));
  const nlohmann::json json = nlohmann::json::parse(files.at("loss.json"));
  const auto& loss = json["measures"]["loss_percent"];
  EXPECT_NEAR(loss["value"].get<double>(), 100 * 2.0 / 3, 1e-9);
  EXPECT_LT(loss["interval_95"][0], loss["value"]);
  EXPECT_GT(loss["interval_95"][1], loss["value"]);
  EXPECT_EQ(json["before"]["blocks"], 16);
  EXPECT_EQ(json["before"]["slides"][0]["cells_csv_sha256"], sha256_of(bytes_of(pair.at("before") + "/cells.csv")));
  double before = 0, after = 0;
  for (const double percent : json["distribution"]["percent_before"]) before += percent;
  for (const double percent : json["distribution"]["percent_after"]) after += percent;
  EXPECT_NEAR(before, 100, 1e-9);
  EXPECT_NEAR(after, 100, 1e-9);
  EXPECT_THAT(files.at("loss.csv"),
              AllOf(HasSubstr("measure,value,interval_low,interval_high,unit,note\nloss_percent,66.6"),
                    HasSubstr("\nlow_percent.after,")));
  const std::string& page = files.at("loss.html");
  EXPECT_THAT(page,
              AllOf(HasSubstr(json["verdict"].get<std::string>()), HasSubstr("<svg"), HasSubstr("default-src 'none'"),
                    Not(HasSubstr("<script")), Not(HasSubstr("src=")), Not(HasSubstr(pair.folder.path().string()))));
}

TEST(LossCommand, SameResultsSameBytes) {
  const WrittenLoss pair;
  ASSERT_EQ(pair.loss().exit_code, 0);
  const auto first = files_in(pair.out);
  ASSERT_EQ(pair.loss({"--overwrite"}, {"OMP_NUM_THREADS=7", "LC_ALL=C", "TZ=Asia/Tokyo"}).exit_code, 0);
  EXPECT_EQ(files_in(pair.out), first);
}

TEST(LossCommand, WhatIsWrongIsSaidWithItsExitCode) {
  const WrittenLoss pair;
  EXPECT_EQ(run_program({"loss"}).exit_code, 2);
  EXPECT_EQ(pair.loss({"--cells", "Blastt"}).exit_code, 2);
  EXPECT_EQ(pair.loss({"--block-mm", "-1"}).exit_code, 2);
  EXPECT_EQ(pair.loss({"--control", "/nonexistent"}).exit_code, 3);
  EXPECT_FALSE(fs::exists(pair.out));
  ASSERT_EQ(pair.loss().exit_code, 0);
  EXPECT_EQ(pair.loss().exit_code, 6) << "an earlier answer is not overwritten unasked";
  pair.folder.write("loss/mine.txt", "x");
  const ProgramResult foreign = pair.loss({"--overwrite"});
  EXPECT_EQ(foreign.exit_code, 6);
  EXPECT_THAT(foreign.err, HasSubstr("holds mine.txt, which is no part of a loss"));
  pair.folder.write("after/cells.csv", "changed");
  const ProgramResult changed = pair.loss();
  EXPECT_EQ(changed.exit_code, 6);
  EXPECT_THAT(run_program({"loss", pair.at("before"), "--after", pair.at("after"), "--marker", "CD123", "--out",
                           pair.at("new")})
                  .err,
              HasSubstr("was changed since hexaplex wrote it"));
}

// From pixels to a sentence: a slide and a copy with other bytes behind its pixels have lost nothing.
TEST(LossCommand, ReadsWhatRunWrites) {
  const TemporaryFolder folder;
  const std::string pixels = bytes_of(testing::source_folder() / "sample_images/sections/hdab.ome.tif");
  const auto run = [&](const std::string& name, const std::string& bytes) {
    const fs::path slide = folder.write(name + ".ome.tif", bytes), out = folder.path() / name;
    EXPECT_EQ(run_program({"run", slide.string(), "--panel", "cd123-level", "--out", out.string()}).exit_code, 0);
    return out.string();
  };
  const std::string before = run("before", pixels), after = run("after", pixels + "\n");
  const fs::path out = folder.path() / "loss";
  const ProgramResult result =
      run_program({"loss", before, "--after", after, "--marker", "CD123", "--block-mm", "0.06", "--out", out.string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json json = nlohmann::json::parse(bytes_of(out / "loss.json"));
  EXPECT_EQ(json["measures"]["loss_percent"]["value"], 0);
  EXPECT_LT(json["measures"]["loss_percent"]["interval_95"][0], 0);
  EXPECT_GT(json["measures"]["loss_percent"]["interval_95"][1], 0);
  const nlohmann::json summary = nlohmann::json::parse(bytes_of(fs::path(before) / "before/summary.json"));
  const nlohmann::json& score = summary["scores"]["CD123"];
  EXPECT_EQ(json["measures"]["above_control.before"]["value"], score["median"]) << "as hexaplex run has it";
  EXPECT_NEAR(json["measures"]["h_score.before"]["value"].get<double>(), score["h_score"].get<double>(), 1e-9);
  EXPECT_NEAR(json["measures"]["percent_positive.before"]["value"].get<double>(),
              score["percent_positive"].get<double>(), 1e-9);
  const ProgramResult itself = run_program(
      {"loss", before, "--after", before, "--marker", "CD123", "--out", (folder.path() / "other").string()});
  EXPECT_EQ(itself.exit_code, 3);
  EXPECT_THAT(itself.err, HasSubstr("is of the same slide as"));
}

}  // namespace
}  // namespace hexaplex::test
