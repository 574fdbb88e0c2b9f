#include "core/compare/comparison.h"

#include <gmock/gmock.h>

#include "core/compare/wording.h"
#include "tests/support/written_cohort.h"

namespace hexaplex::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kFraction = "infiltration.tumour_cell_area_fraction";

// A study and the folder that it was read from.
struct WrittenStudy {
  TemporaryFolder folder{};
  Study study{};
  WrittenStudy(const std::string& columns, const std::vector<WrittenSlide>& slides)
      : study(read_study(read_cohort(write_cohort(folder, columns, slides)), folder.path() / "results", "")) {}
};

TEST(ComparedGroups, PlantedOrderAndSignAreRecovered) {
  const WrittenStudy written("animal,group,organ", planted_cohort());
  const ScoreComparison score = compare_score(written.study, kFraction);
  ASSERT_THAT(score.comparisons, SizeIs(4));
  const Comparison &liver = score.comparisons[0], &spleen = score.comparisons[1], &lung = score.comparisons[2],
                   &brain = score.comparisons[3];
  EXPECT_NEAR(liver.difference, 0.06 * 0.102 - 0.06, 1e-5);
  EXPECT_NEAR(spleen.difference, 0.2 * 0.51 - 0.2, 1e-5);
  EXPECT_NEAR(brain.difference, 0.01 * 3.06 - 0.01, 1e-5);
  EXPECT_LT(spleen.difference, liver.difference);
  EXPECT_LT(liver.difference, 0);
  EXPECT_GT(brain.difference, 0);
  EXPECT_EQ(liver.rank_biserial, -1);
  EXPECT_EQ(brain.rank_biserial, 1);
  for (const Comparison& c : score.comparisons) {
    EXPECT_DOUBLE_EQ(c.smallest_p, 0.1);
    EXPECT_GE(c.permutation.p, 0.1 - 1e-12) << "three against three cannot say more";
    EXPECT_GE(c.ranks.p, 0.1 - 1e-12);
    EXPECT_GE(c.q, c.permutation.p);
    EXPECT_EQ(c.family, 4u);
    ASSERT_TRUE(c.interval);
    EXPECT_LE(c.interval->low, c.difference);
    EXPECT_GE(c.interval->high, c.difference);
    EXPECT_THAT(c.left_out, IsEmpty());
  }
  for (const Comparison* planted : {&liver, &spleen, &brain}) EXPECT_NEAR(planted->permutation.p, 0.1, 1e-12);
  EXPECT_NEAR(liver.q, 0.1 * 4 / 3, 1e-12);
  EXPECT_GT(lung.permutation.p, 0.5);
  EXPECT_TRUE(lung.interval->low < 0 && lung.interval->high > 0);
  EXPECT_THAT(sentence_of(written.study, kFraction, liver),
              AllOf(HasSubstr("Liver: treated 0.61 % against vehicle 6.00 % (medians of 3 and 3 animals), difference "
                              "-5.39 percentage points, 95 % interval -6.35 to -4.70; exact permutation p = 0.1, the "
                              "smallest that 3 against 3 can reach (Mann-Whitney p = 0.1); adjusted over 4 organs q = "
                              "0.133."),
                    HasSubstr("draws animals only")));
}

TEST(ComparedGroups, AnAnimalWithoutAnOrganIsLeftOutOfThatOrganOnly) {
  std::vector<WrittenSlide> slides = planted_cohort();
  for (WrittenSlide& slide : slides)
    if (slide.stem == "t2_Spleen") slide.with_result = false;
  const WrittenStudy written("animal,group,organ", slides);
  const ScoreComparison score = compare_score(written.study, kFraction);
  EXPECT_THAT(score.comparisons[0].left_out, IsEmpty());
  EXPECT_THAT(score.comparisons[1].left_out, ElementsAre("t2"));
  EXPECT_EQ(score.comparisons[1].other.units.size(), 2u);
  EXPECT_DOUBLE_EQ(score.comparisons[1].smallest_p, 0.2);
  EXPECT_THAT(sentence_of(written.study, kFraction, score.comparisons[1]), HasSubstr("Left out here: animal t2."));
}

TEST(ComparedGroups, AnAnimalWhoseSlideLacksTheScoreIsNamed) {
  const TemporaryFolder folder;
  const Cohort cohort = read_cohort(write_cohort(folder, "animal,group,organ", planted_cohort()));
  folder.write("results/v1_Lung/summary.json", R"({"tissue_mm2": 1.0, "scores": {"CD34": {"h_score": null}}})");
  const Study study = read_study(cohort, folder.path() / "results", "");
  const ScoreComparison score = compare_score(study, kFraction);
  EXPECT_THAT(score.notes, ElementsAre("Left out, a slide has no such score: v1 (Lung)."));
  EXPECT_THAT(score.comparisons[2].left_out, ElementsAre("v1"));
  EXPECT_EQ(score.comparisons[2].reference.units.size(), 2u);
}

TEST(ComparedGroups, ScoresWithoutAnyValueAreNotUsual) {
  const TemporaryFolder folder;
  const Cohort cohort = read_cohort(write_cohort(folder, "animal,group", {{"a", "A,x"}, {"b", "B,y"}}));
  for (const char* slide : {"a", "b"})
    folder.write(std::string("results/") + slide + "/summary.json",
                 R"({"tissue_mm2": 1.0, "scores": {"CD34": {"h_score": null, "median": 0.1}}})");
  const Study study = read_study(cohort, folder.path() / "results", "");
  EXPECT_THAT(score_names(study, true), ElementsAre("scores.CD34.median"));
  EXPECT_THAT(score_names(study, false), ElementsAre("tissue_mm2", "scores.CD34.h_score", "scores.CD34.median"));
  const ScoreComparison none = compare_score(study, "scores.CD34.h_score");
  EXPECT_THAT(none.comparisons, IsEmpty());
  EXPECT_THAT(none.notes, ElementsAre(HasSubstr("no such score: A, B"), HasSubstr("not compared")));
}

TEST(ComparedGroups, SlidesOfAnAnimalArePooledByTissueAndPercentagesByCells) {
  const WrittenStudy written("animal,group", {{"a1", "A,x", 0.1, 1}, {"a2", "A,x", 0.4, 3}, {"b", "B,y", 0.2, 2}});
  const ScoreOfUnits fraction = score_of_units(written.study, kFraction);
  ASSERT_THAT(fraction.units, SizeIs(2));
  EXPECT_DOUBLE_EQ(fraction.units[0].value.score, (0.1 + 0.4 * 3) / 4);
  EXPECT_EQ(fraction.units[0].slides, 2u);
  const ScoreOfUnits percent = score_of_units(written.study, "phenotypes.Tumour cell.percent");
  EXPECT_EQ(percent.pooling, Pooling::cells);
  EXPECT_DOUBLE_EQ(percent.units[0].value.score, (10 * 1000 + 40 * 3000.0) / 4000);
  const ScoreOfUnits foci = score_of_units(written.study, "infiltration.foci");
  EXPECT_EQ(foci.units[0].value.score, 6);
}

TEST(ComparedGroups, BlocksAreDrawnWhereEveryAnimalHasThem) {
  std::vector<WrittenSlide> slides;
  for (int i = 0; i < 3; ++i) {
    const std::string n = std::to_string(i);
    slides.push_back({"a" + n, "A" + n + ",x", 0.1, 4, {0.05, 0.15, 0.1, 0.1}});
    slides.push_back({"b" + n, "B" + n + ",y", 0.3, 4, {0.2, 0.4, 0.3, 0.3}});
  }
  const WrittenStudy with("animal,group", slides);
  const Comparison c = compare_score(with.study, kFraction).comparisons.front();
  EXPECT_TRUE(c.blocks_drawn);
  EXPECT_LT(c.interval->low, 0.2 - 0.01) << "animals alone are all alike";
  EXPECT_GT(c.interval->high, 0.2 + 0.01);
  EXPECT_THAT(sentence_of(with.study, kFraction, c), HasSubstr("draws animals, and blocks of tissue within them"));
  slides[2].block_fractions.clear();
  const WrittenStudy without("animal,group", slides);
  EXPECT_FALSE(compare_score(without.study, kFraction).comparisons.front().blocks_drawn);
  slides[2].block_fractions = {0.5};
  const WrittenStudy wrong("animal,group", slides);
  const ScoreComparison told = compare_score(wrong.study, kFraction);
  EXPECT_FALSE(told.comparisons.front().blocks_drawn);
  EXPECT_THAT(told.notes, ElementsAre(HasSubstr("Blocks of 1 of 6 points do not add up")));
}

TEST(ComparedGroups, EveryGroupAgainstTheFirstAtEveryTimePoint) {
  std::vector<WrittenSlide> slides;
  int n = 0;
  for (const std::string group : {"control", "low", "high"})
    for (const std::string time : {"day 1", "day 9"})
      for (int i = 0; i < 2; ++i, ++n)
        slides.push_back({"s" + std::to_string(n), group + std::to_string(i) + "," + group + "," + time, 0.01 * n});
  const WrittenStudy written("animal,group,timepoint", slides);
  const ScoreComparison score = compare_score(written.study, kFraction);
  std::vector<std::string> seen;
  for (const Comparison& c : score.comparisons)
    seen.push_back(c.other.name + " " + c.reference.name + " " + c.timepoint);
  EXPECT_THAT(seen, ElementsAre("low control day 1", "low control day 9", "high control day 1", "high control day 9"));
}

TEST(ComparedTimePoints, OnlyWholePairsCountAndTheOthersAreNamed) {
  std::vector<WrittenSlide> slides;
  for (int i = 0; i < 5; ++i) {
    const std::string p = "P" + std::to_string(i);
    slides.push_back({p + "a", p + ",before", 0.3 + 0.02 * i});
    slides.push_back({p + "b", p + ",after", 0.1 + 0.01 * i});
  }
  slides.push_back({"P5a", "P5,before", 0.9});
  const WrittenStudy written("patient,timepoint", slides);
  const Comparison c = compare_score(written.study, kFraction).comparisons.front();
  EXPECT_EQ(c.reference.units.size(), 5u);
  EXPECT_THAT(c.left_out, ElementsAre("P5"));
  EXPECT_NEAR(c.difference, -0.22, 1e-6);
  EXPECT_DOUBLE_EQ(c.permutation.p, 0.0625);
  EXPECT_DOUBLE_EQ(c.ranks.p, 0.0625);
  EXPECT_DOUBLE_EQ(c.smallest_p, 0.0625);
  EXPECT_EQ(c.rank_biserial, -1);
  EXPECT_THAT(sentence_of(written.study, kFraction, c),
              AllOf(HasSubstr("All slides: 34.0 % (before) to 12.0 % (after), medians of 5 patients, median of the "
                              "differences -22.0 percentage points"),
                    HasSubstr("exact sign-flip permutation p = 0.0625, the smallest that 5 pairs can reach"),
                    Not(HasSubstr("adjusted")), HasSubstr("Left out here: patient P5.")));
}

TEST(ComparedTimePoints, OnePatientHasAnEffectAndNoInterval) {
  const WrittenStudy written("patient,timepoint", {{"a", "A,before", 0.3}, {"b", "A,after", 0.1}});
  const Comparison c = compare_score(written.study, kFraction).comparisons.front();
  EXPECT_FALSE(c.interval);
  EXPECT_EQ(c.permutation.p, 1);
  EXPECT_THAT(sentence_of(written.study, kFraction, c), HasSubstr("no interval from a single patient"));
}

TEST(Wording, NumbersArePlain) {
  EXPECT_EQ(p_text(0.1), "0.1");
  EXPECT_EQ(p_text(1), "1");
  EXPECT_EQ(p_text(0.0021645), "0.00216");
  EXPECT_EQ(p_text(2e-5), "0.00002");
  EXPECT_EQ(p_text(1.5e-17), "1.5e-17");
  EXPECT_EQ(rounded(-0.001, 2), "0.00");
  EXPECT_EQ(rounded(-0.004, 3), "-0.004");
  EXPECT_EQ(digits_for(std::vector<double>{-250, 3}), 0);
  EXPECT_EQ(digits_for(std::vector<double>{0.05}), 4);
  EXPECT_EQ(digits_for(std::vector<double>{0}), 2);
  EXPECT_EQ(wording_of("phenotypes.A.b.per_mm2").title, "A.b, cells per mm²");
  EXPECT_EQ(wording_of("infiltration.tumour_cells_per_mm2").title, "Tumour cells per mm²");
  EXPECT_EQ(wording_of("scores.CD34.h_score").title, "CD34, h score");
  EXPECT_EQ(wording_of("scores.Ki-67.area_percent").unit, "%");
  EXPECT_EQ(wording_of("infiltration.border_distance_um.median").title, "Border distance, median");
  EXPECT_EQ(wording_of("infiltration.border_distance_um.median").unit, "µm");
  EXPECT_EQ(wording_of("infiltration.largest_focus_mm2").title, "Largest focus");
}

}  // namespace
}  // namespace hexaplex::test
