// `hexaplex compare` as a user calls it, on results that are written here.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/cli/program.h"
#include "tests/support/file_content.h"
#include "tests/support/folder_content.h"
#include "tests/support/written_cohort.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : files_in(folder)) names.push_back(name);
  return names;
}

// The planted cohort in a folder of its own.
struct PlantedCohort {
  TemporaryFolder folder{};
  fs::path table = write_cohort(folder, "animal,group,organ", planted_cohort());
  fs::path out = folder.path() / "comparison";

  ProgramResult compare(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{
        "compare", (folder.path() / "results").string(), "--cohort", table.string(), "--out", out.string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
};

TEST(CompareCommand, WritesTablesPlotsAndAPageOfSentences) {
  const PlantedCohort cohort;
  const ProgramResult result = cohort.compare();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("24 comparisons of 6 scores"));
  EXPECT_THAT(names_in(cohort.out),
              ElementsAre("animals.csv", "comparison.csv", "comparison.html", "comparison.json",
                          "plot_cells_per_mm2.svg", "plot_infiltration.grade.svg",
                          "plot_infiltration.tumour_cell_area_fraction.svg", "plot_phenotypes.Tumour_cell.per_mm2.svg",
                          "plot_phenotypes.Tumour_cell.percent.svg", "plot_scores.CD34.h_score.svg"));
  const std::string page = bytes_of(cohort.out / "comparison.html");
  EXPECT_THAT(page, AllOf(HasSubstr("Research use only"), HasSubstr("Liver: treated 0.61 % against vehicle 6.00 %"),
                          HasSubstr("the smallest that 3 against 3 can reach"), HasSubstr("<svg"),
                          Not(HasSubstr("<script")), Not(HasSubstr("src=")), Not(HasSubstr("href="))));
  EXPECT_THAT(page, Not(HasSubstr(cohort.folder.path().string()))) << "no paths of this machine";
  const auto json = nlohmann::json::parse(bytes_of(cohort.out / "comparison.json"));
  EXPECT_EQ(json["unit"], "animal");
  EXPECT_EQ(json["reference"], "vehicle");
  for (const auto& score : json["scores"])
    for (const auto& c : score["comparisons"]) {
      EXPECT_GE(c["permutation"]["p"].get<double>(), 0.1 - 1e-12);
      EXPECT_DOUBLE_EQ(c["smallest_p"].get<double>(), 0.1);
    }
  EXPECT_EQ(json["inputs"].size(), 25u);
  const std::string points = bytes_of(cohort.out / "animals.csv");
  EXPECT_EQ(std::count(points.begin(), points.end(), '\n'), 1 + 6 * 24);
  EXPECT_THAT(points, HasSubstr("infiltration.tumour_cell_area_fraction,v1,vehicle,Liver,,0.054,1,4,0,\n"));
  EXPECT_THAT(bytes_of(cohort.out / "comparison.csv"),
              ContainsRegex("\ninfiltration.tumour_cell_area_fraction,Liver,,vehicle,treated,animal,groups,3,3,0.06,"));
  const std::string plot = bytes_of(cohort.out / "plot_infiltration.tumour_cell_area_fraction.svg");
  std::size_t circles = 0;
  for (std::size_t at = plot.find("<circle"); at != std::string::npos; at = plot.find("<circle", at + 1)) ++circles;
  EXPECT_EQ(circles, 24u + 2u) << "every point, and two in the legend";
}

TEST(CompareCommand, TheSameBytesAgainAndNothingElseIsReplaced) {
  const PlantedCohort cohort;
  ASSERT_EQ(cohort.compare().exit_code, 0);
  const auto first = files_in(cohort.out);
  const ProgramResult refused = cohort.compare();
  EXPECT_EQ(refused.exit_code, 6);
  EXPECT_THAT(refused.err, HasSubstr("--overwrite"));
  ASSERT_EQ(cohort.compare({"--overwrite"}).exit_code, 0);
  EXPECT_EQ(files_in(cohort.out), first);
  std::ofstream(cohort.out / "mine.txt") << "keep";
  const ProgramResult kept = cohort.compare({"--overwrite"});
  EXPECT_EQ(kept.exit_code, 6);
  EXPECT_THAT(kept.err, HasSubstr("mine.txt"));
  EXPECT_EQ(bytes_of(cohort.out / "mine.txt"), "keep");
}

TEST(CompareCommand, ScoresAndTheReferenceCanBeChosen) {
  const PlantedCohort cohort;
  const ProgramResult result =
      cohort.compare({"--score", "infiltration.foci", "--score", "scores.CD34.h_score", "--control", "treated"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(names_in(cohort.out), ElementsAre("animals.csv", "comparison.csv", "comparison.html", "comparison.json",
                                                "plot_infiltration.foci.svg", "plot_scores.CD34.h_score.svg"));
  EXPECT_THAT(bytes_of(cohort.out / "comparison.csv"), HasSubstr("scores.CD34.h_score,Liver,,treated,vehicle"));
  const ProgramResult wrong = cohort.compare({"--overwrite", "--score", "infiltration.focii"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean infiltration.foci?"));
  EXPECT_EQ(cohort.compare({"--overwrite", "--control", "placebo"}).exit_code, 2);
}

TEST(CompareCommand, ResultsThatAreMissingAreNamed) {
  const PlantedCohort cohort;
  fs::remove_all(cohort.folder.path() / "results" / "v2_Lung");
  const ProgramResult result = cohort.compare();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("there is no result: v2_Lung"));
  EXPECT_THAT(bytes_of(cohort.out / "comparison.html"), HasSubstr("Left out here: animal v2."));
}

TEST(CompareCommand, WhatIsWrongIsSaidWithItsExitCode) {
  const PlantedCohort cohort;
  EXPECT_EQ(run_program({"compare"}).exit_code, 2);
  const std::string results = (cohort.folder.path() / "results").string(), out = cohort.out.string();
  const fs::path no_unit = cohort.folder.write("no_unit.csv", "slide,group\nv1_Liver,a\nt1_Liver,b\n");
  const ProgramResult unit = run_program({"compare", results, "--cohort", no_unit.string(), "--out", out});
  EXPECT_EQ(unit.exit_code, 2);
  EXPECT_THAT(unit.err, HasSubstr("no column `animal` or `patient`"));
  EXPECT_EQ(run_program({"compare", "/nonexistent", "--cohort", cohort.table.string(), "--out", out}).exit_code, 3);
  EXPECT_EQ(run_program({"compare", results, "--cohort", "/nonexistent.csv", "--out", out}).exit_code, 3);
  cohort.folder.write("results/v1_Liver/summary.json", "{");
  const ProgramResult damaged = cohort.compare();
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_THAT(damaged.err, HasSubstr("summary.json"));
  EXPECT_FALSE(fs::exists(cohort.out));
}

}  // namespace
}  // namespace hexaplex::test
