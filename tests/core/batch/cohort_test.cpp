#include "core/batch/cohort.h"

#include <gmock/gmock.h>

#include <string>

#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Cohort cohort_of(const std::string& text) {
  const test::TemporaryFolder folder;
  return read_cohort(folder.write("cohort.csv", text));
}

std::string refusal_of(const std::string& text) {
  try {
    cohort_of(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(ReadCohort, KeepsTheSlidesWhatTheyAreGroupedByAndTheirOrder) {
  const Cohort c = cohort_of("Group,slide,animal\nvehicle,b.tif,1\n\"treated, high\",sub/a.ome.tif,\n");
  EXPECT_THAT(c.columns, ElementsAre("group", "animal"));
  ASSERT_EQ(c.slides.size(), 2u);
  EXPECT_EQ(c.slides[0].stem, "b");
  EXPECT_EQ(c.slides[0].path, c.file.parent_path() / "b.tif");
  EXPECT_THAT(c.slides[0].groups, ElementsAre("vehicle", "1"));
  EXPECT_EQ(c.slides[1].stem, "a");
  EXPECT_EQ(c.slides[1].line, 3);
  EXPECT_THAT(c.slides[1].groups, ElementsAre("treated, high", ""));
  EXPECT_THAT(c.warnings, IsEmpty());
}

TEST(ReadCohort, TakesAbsolutePathsAsTheyAre) {
  EXPECT_EQ(cohort_of("slide\n/data/a.tif\n").slides[0].path, "/data/a.tif");
}

TEST(ReadCohort, TakesAPanelPerSlideFromTheTablesFolderOrByName) {
  const test::TemporaryFolder folder;
  const auto own = folder.write("own.yaml", "name: own\n");
  const Cohort c =
      read_cohort(folder.write("cohort.csv", "slide,panel\na.tif,own.yaml\nb.tif,aml-marrow-6plex\nc.tif,\n"));
  EXPECT_EQ(c.slides[0].panel, own.string());
  EXPECT_EQ(c.slides[1].panel, "aml-marrow-6plex");
  EXPECT_FALSE(c.slides[2].panel);
}

TEST(ReadCohort, WarnsOfColumnsThatItDoesNotUse) {
  const Cohort c = cohort_of("slide,remarks\na.tif,nice\n");
  ASSERT_EQ(c.warnings.size(), 1u);
  EXPECT_THAT(c.warnings[0], HasSubstr("remarks"));
}

TEST(ReadCohort, NamesLineAndMendOfWhatIsWrong) {
  EXPECT_THAT(refusal_of(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal_of("slide\n"), HasSubstr("holds no slides"));
  EXPECT_THAT(refusal_of("path\na.tif\n"), HasSubstr("a column `slide`"));
  EXPECT_THAT(refusal_of("slide,grup\na.tif,x\n"), HasSubstr("did you mean `group`?"));
  EXPECT_THAT(refusal_of("slide,group,group\na.tif,x,y\n"), HasSubstr("two columns are called `group`"));
  EXPECT_THAT(refusal_of("slide,group\na.tif,x\nb.tif\n"), AllOf(HasSubstr(":3"), HasSubstr("has 1 fields")));
  EXPECT_THAT(refusal_of("slide,group\na.tif,x\n,y\n"), AllOf(HasSubstr(":3"), HasSubstr("names no slide")));
  EXPECT_THAT(refusal_of("slide\na.tif\nsub/a.ome.tif\n"), AllOf(HasSubstr(":3"), HasSubstr("as line 2 does")));
}

TEST(ReadCohort, CannotReadWhatIsNotThere) {
  EXPECT_THROW(read_cohort("/nonexistent/cohort.csv"), InputError);
}

TEST(Shard, SharesOutEverySlideOnce) {
  for (int count : {1, 2, 3, 7})
    for (std::size_t slide = 0; slide < 20; ++slide) {
      int holders = 0;
      for (int i = 1; i <= count; ++i) holders += Shard{i, count}.holds(slide) ? 1 : 0;
      EXPECT_EQ(holders, 1);
    }
}

TEST(Shard, IsReadFromText) {
  EXPECT_EQ(parse_shard("2/5").index, 2);
  EXPECT_EQ(parse_shard("2/5").count, 5);
  EXPECT_TRUE(parse_shard("1/1").whole());
  for (const char* wrong : {"", "2", "0/3", "4/3", "-1/3", "1/0", "1/3x", "a/b", "1/", "/3", "1 / 3"})
    EXPECT_THROW(parse_shard(wrong), InvalidArgument) << wrong;
}

}  // namespace
}  // namespace hexaplex
