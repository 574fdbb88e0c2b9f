#include "core/compare/slide_scores.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "kernels/runtime/error.h"
#include "tests/support/written_cohort.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> usual(const SlideScores& slide) {
  std::vector<std::string> names;
  for (const SlideScore& score : slide.scores)
    if (score.usual) names.push_back(score.name);
  return names;
}

const SlideScore* named(const SlideScores& slide, const std::string& name) {
  for (const SlideScore& score : slide.scores)
    if (score.name == name) return &score;
  return nullptr;
}

TEST(SlideScoresOfASummary, EveryNumberIsThereAndResultsAreUsual) {
  const TemporaryFolder folder;
  write_cohort(folder, "animal,group", {{"a", "A,x", 0.05, 4, {0.02, 0.08}}});
  const SlideScores slide = read_slide_scores(folder.path() / "results" / "a");
  EXPECT_THAT(usual(slide),
              ElementsAre("cells_per_mm2", "phenotypes.Tumour cell.percent", "phenotypes.Tumour cell.per_mm2",
                          "infiltration.tumour_cell_area_fraction", "infiltration.grade", "scores.CD34.h_score"));
  ASSERT_NE(named(slide, "infiltration.foci"), nullptr);
  EXPECT_EQ(named(slide, "infiltration.foci")->pooling, Pooling::sum);
  EXPECT_EQ(named(slide, "phenotypes.Tumour cell.percent")->pooling, Pooling::cells);
  EXPECT_EQ(named(slide, "scores.CD34.cells_3")->pooling, Pooling::sum);
  EXPECT_EQ(named(slide, "scores.CD34.h_score")->pooling, Pooling::cells);
  EXPECT_EQ(named(slide, "infiltration.grade")->pooling, Pooling::tissue) << "a whole number, and no count";
  EXPECT_EQ(slide.tissue_mm2, 4);
  EXPECT_EQ(slide.cells, 4000);
  ASSERT_TRUE(slide.blocks);
  const auto blocks = ratio_blocks(*slide.blocks, "infiltration.tumour_cell_area_fraction");
  ASSERT_THAT(blocks, SizeIs(2));
  EXPECT_DOUBLE_EQ(blocks[1].numerator / blocks[1].denominator, 0.08);
  EXPECT_THAT(ratio_blocks(*slide.blocks, "infiltration.tumour_area_fraction"), IsEmpty());
  EXPECT_THAT(ratio_blocks(*slide.blocks, "scores.CD34.h_score"), IsEmpty());
}

TEST(SlideScoresOfASummary, WhatHasNoMeaningHasNoValue) {
  const TemporaryFolder folder;
  folder.write("summary.json",
               R"({"tissue_mm2": null, "cells": 0, "cells_per_mm2": null, "phenotypes": {
                  "A": {"count": 0, "percent": null, "per_mm2": 1.5},
                  "B": {"count": 0, "percent": 0.0, "per_mm2": 0.0, "assessable": false},
                  "Unclassified": {"count": 2, "percent": 1.0, "per_mm2": 1.0}}})");
  const SlideScores slide = read_slide_scores(folder.path());
  EXPECT_FALSE(named(slide, "cells_per_mm2")->value);
  EXPECT_FALSE(named(slide, "phenotypes.A.percent")->value);
  EXPECT_EQ(named(slide, "phenotypes.A.per_mm2")->value, 1.5);
  EXPECT_FALSE(named(slide, "phenotypes.B.percent")->value);
  EXPECT_FALSE(named(slide, "phenotypes.Unclassified.percent")->usual);
  EXPECT_EQ(slide.tissue_mm2, 0);
  EXPECT_FALSE(slide.blocks);
}

TEST(SlideScoresOfASummary, DamageIsNamed) {
  const TemporaryFolder folder;
  for (const char* text : {"", "{", "[]", "{}"}) {
    folder.write("summary.json", text);
    EXPECT_THROW(read_slide_scores(folder.path()), InputError) << text;
  }
  folder.write("summary.json", R"({"tissue_mm2": 1.0})");
  folder.write("blocks.csv", "tissue_mm2,cells\n1\n");
  EXPECT_THROW(read_slide_scores(folder.path()), InputError);
  folder.write("blocks.csv", "tissue_mm2,cells\n1,2\n1,-3\n");
  const SlideScores slide = read_slide_scores(folder.path());
  try {
    ratio_blocks(*slide.blocks, "cells_per_mm2");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.line(), 3);
  }
}

}  // namespace
}  // namespace hexaplex::test
