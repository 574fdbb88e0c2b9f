#include "cli/slide_progress.h"

#include <gtest/gtest.h>

#include <string>

namespace hexaplex::cli {
namespace {

using std::chrono::seconds;

TEST(SlideProgress, GoesUpFromStageToStageAndWithinOneOfOneLoop) {
  double before = -1;
  for (const char* stage : {"open", "hash", "quality", "unmix", "segment", "measure", "phenotype", "write"}) {
    const double fraction = slide_fraction(stage, {});
    EXPECT_GE(fraction, before) << stage;
    EXPECT_LT(fraction, 1) << stage;
    before = fraction;
  }
  EXPECT_LT(slide_fraction("measure", {7, 10, 100}), slide_fraction("measure", {7, 60, 100}));
  EXPECT_LE(slide_fraction("measure", {7, 101, 100}), slide_fraction("phenotype", {}));
  EXPECT_EQ(slide_fraction("measure", {7, 3, 4}), slide_fraction("measure", {})) << "a loop over channels";
  EXPECT_EQ(slide_fraction("segment", {7, 60, 100}), slide_fraction("segment", {})) << "of many loops";
  EXPECT_EQ(slide_fraction("a stage of tomorrow", {7, 60, 100}), 0);
}

TEST(SlideProgress, TellsTheStageItsTilesAndTheTime) {
  EXPECT_EQ(stage_text("segment", {}, seconds(59)), "segment, 59 s");
  EXPECT_EQ(stage_text("measure", {3, 57, 100}, seconds(125)), "measure, 57 of 100 parts, 2 min 05 s");
  EXPECT_EQ(stage_text("measure", {3, 2, 7}, seconds(3725)), "measure, 1 h 02 min");
}

TEST(SlideProgress, SaysNothingAboutAShortSlideElsewhere) {
  const Log log;
  ::testing::internal::CaptureStderr();
  {
    SlideProgress progress(log, "slide");
    progress.begin("open");
    progress.begin("segment");
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace hexaplex::cli
