#include "core/compare/study.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "kernels/runtime/error.h"
#include "tests/support/written_cohort.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Study study_of(const TemporaryFolder& folder, const std::string& columns, const std::vector<WrittenSlide>& slides,
               const std::string& control = "") {
  return read_study(read_cohort(write_cohort(folder, columns, slides)), folder.path() / "results", control);
}

template <class E>
std::string refusal(const std::string& columns, const std::vector<WrittenSlide>& slides,
                    const std::string& control = "") {
  const TemporaryFolder folder;
  try {
    study_of(folder, columns, slides, control);
  } catch (const E& error) {
    return error.what();
  }
  return "not refused";
}

TEST(StudyDesign, GroupsOfAnimalsWithTheControlFirst) {
  const TemporaryFolder folder;
  const Study study = study_of(folder, "animal,group,organ", planted_cohort());
  EXPECT_EQ(study.unit, "animal");
  EXPECT_FALSE(study.paired);
  EXPECT_THAT(study.arms, ElementsAre("vehicle", "treated")) << "the table names treated first";
  EXPECT_EQ(study.reference_why, "found by its name");
  EXPECT_THAT(study.organs, ElementsAre("Liver", "Spleen", "Lung", "Brain"));
  EXPECT_THAT(study.slides, SizeIs(24));
  EXPECT_THAT(study.notes, IsEmpty());
}

TEST(StudyDesign, TheReferenceIsAsAskedOrTheFirst) {
  const std::vector<WrittenSlide> slides{{"a", "A,low"}, {"b", "B,high"}, {"c", "C,none"}};
  const TemporaryFolder folder;
  EXPECT_THAT(study_of(folder, "patient,group", slides).arms, ElementsAre("low", "high", "none"));
  const Study asked = study_of(folder, "patient,group", slides, "none");
  EXPECT_THAT(asked.arms, ElementsAre("none", "low", "high"));
  EXPECT_EQ(asked.reference_why, "as asked");
  EXPECT_THAT(refusal<InvalidArgument>("patient,group", slides, "hihg"), HasSubstr("did you mean high"));
  const TemporaryFolder two;
  EXPECT_THAT(study_of(two, "patient,group", {{"a", "A,drug"}, {"b", "B,Vehicle"}, {"c", "C,untreated"}}).arms.front(),
              "drug")
      << "two controls are no reference";
}

TEST(StudyDesign, TimePointsOfPatientsArePairs) {
  const TemporaryFolder folder;
  const Study study = study_of(folder, "patient,timepoint",
                               {{"a0", "A,before"}, {"a1", "A,after"}, {"b0", "B,before"}, {"b1", "B,after"}});
  EXPECT_TRUE(study.paired);
  EXPECT_EQ(study.unit, "patient");
  EXPECT_THAT(study.arms, ElementsAre("before", "after"));
  EXPECT_THAT(study.timepoints, ElementsAre(""));
}

TEST(StudyDesign, WhatIsLeftOutIsNamed) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "results");
  folder.write("results/ledger.jsonl", "{\"event\":\"failed\",\"slide\":\"c\"}\n");
  const Study study =
      study_of(folder, "animal,group",
               {{"a", "A,x"}, {"b", "B,y"}, {"c", "C,y"}, {"d", "D,", 0, 4, {}, true}, {"e", "E,x", 0, 4, {}, false}});
  EXPECT_THAT(study.slides, SizeIs(2));
  EXPECT_THAT(study.notes, ElementsAre(HasSubstr("names no group: d"), HasSubstr("no result: c, e")));
}

TEST(StudyDesign, WhatCannotBeComparedIsRefusedWithTheMend) {
  EXPECT_THAT(refusal<ConfigError>("group", {{"a", "x"}, {"b", "y"}}), HasSubstr("no column `animal` or `patient`"));
  EXPECT_THAT(refusal<ConfigError>("animal,group", {{"a", "A,x"}, {"b", "B,x"}}), HasSubstr("neither two groups"));
  EXPECT_THAT(refusal<ConfigError>("animal,group", {{"a", "1,x"}, {"b", "1,y"}}), HasSubstr("a name of its own"));
  EXPECT_THAT(refusal<ConfigError>("animal,group", {{"a", "A,x"}, {"b", ",y"}}), HasSubstr("names no animal"));
  EXPECT_THAT(refusal<ConfigError>("animal,group,organ", {{"a", "A,x,"}, {"b", "B,y,L"}}), HasSubstr("names no organ"));
  EXPECT_THAT(refusal<InputError>("animal,group", {{"a", "A,x", 0, 4, {}, false}, {"b", "B,y", 0, 4, {}, false}}),
              HasSubstr("holds no result"));
}

}  // namespace
}  // namespace hexaplex::test
