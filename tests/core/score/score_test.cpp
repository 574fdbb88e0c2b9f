#include "core/score/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Cells of the classes 0, 1+, 2+, 3+ under the usual bins.
std::vector<double> cells_of(int none, int weak, int moderate, int strong) {
  std::vector<double> values(static_cast<std::size_t>(none), 0.1);
  values.insert(values.end(), static_cast<std::size_t>(weak), 0.3);
  values.insert(values.end(), static_cast<std::size_t>(moderate), 0.5);
  values.insert(values.end(), static_cast<std::size_t>(strong), 0.7);
  return values;
}

MarkerScore score_of(const std::vector<double>& values, const ScoreRule& rule = {}) {
  return score_marker(values, {}, rule);
}

TEST(Score, AddsUpTheClasses) {
  const MarkerScore s = score_of(cells_of(40, 30, 20, 10));
  EXPECT_THAT(s.classes, ElementsAre(40, 30, 20, 10));
  EXPECT_EQ(s.unknown, 0u);
  EXPECT_EQ(s.percent_positive, 60);
  EXPECT_EQ(s.h_score, 100);          // 30 + 2 * 20 + 3 * 10
  EXPECT_EQ(s.allred_proportion, 4);  // 60 %
  EXPECT_EQ(s.allred_intensity, 1);   // 100 / 60 is exactly 5 / 3, not above
  EXPECT_EQ(s.allred(), 5);
  EXPECT_EQ(s.irs_proportion, 3);  // 51 .. 80 %
  EXPECT_EQ(s.irs_intensity, 2);   // 1.67
  EXPECT_EQ(s.irs(), 6);
}

TEST(Score, GoesFromZeroTo300) {
  const MarkerScore least = score_of(cells_of(7, 0, 0, 0)), most = score_of(cells_of(0, 0, 0, 7));
  EXPECT_EQ(least.h_score, 0);
  EXPECT_EQ(least.allred(), 0);
  EXPECT_EQ(least.irs(), 0);
  EXPECT_EQ(most.h_score, 300);
  EXPECT_EQ(most.allred(), 8);
  EXPECT_EQ(most.irs(), 12);
}

TEST(Score, AValueAtABinBelongsToIt) {
  ScoreRule rule;
  rule.bins = {0.25, 0.5, 0.75};
  const auto below = [](double v) { return std::nextafter(v, 0.0); };
  const std::vector<double> values{-3,  0,           below(0.25), 0.25, below(0.5),
                                   0.5, below(0.75), 0.75,        1e9,  std::nextafter(0.25, 1.0)};
  EXPECT_THAT(score_of(values, rule).classes, ElementsAre(3, 3, 2, 2));
}

TEST(Score, CellsWithoutAValueAreInNoClassAndNoPercentage) {
  std::vector<double> values = cells_of(5, 0, 0, 5);
  values.insert(values.begin() + 3, {kNan, std::numeric_limits<double>::infinity(), kNan});
  const MarkerScore s = score_of(values);
  EXPECT_EQ(s.unknown, 3u);
  EXPECT_THAT(s.classes, ElementsAre(5, 0, 0, 5));
  EXPECT_EQ(s.percent_positive, 50);
}

TEST(Score, CellsThatDoNotCountAreAsIfTheyWereNotThere) {
  const std::vector<double> values{0.1, 0.7, kNan, 0.7, 0.5, kNan};
  const std::vector<std::uint8_t> counted{1, 0, 0, 1, 1, 1};
  const MarkerScore s = score_marker(values, counted, {});
  EXPECT_THAT(s.classes, ElementsAre(1, 0, 1, 1));
  EXPECT_EQ(s.unknown, 1u);
  EXPECT_NEAR(s.h_score, 500.0 / 3, 1e-12);
  EXPECT_EQ(s.median, 0.5);
}

TEST(Score, OfNoCellsIsNotANumber) {
  const std::vector<double> unknown{kNan, kNan}, all = cells_of(2, 0, 0, 3);
  const std::vector<std::uint8_t> nobody(5, 0);
  for (const MarkerScore& s : {score_of({}), score_of(unknown), score_marker(all, nobody, {})}) {
    EXPECT_THAT(s.classes, ElementsAre(0, 0, 0, 0));
    EXPECT_TRUE(std::isnan(s.percent_positive));
    EXPECT_TRUE(std::isnan(s.h_score));
    EXPECT_TRUE(std::isnan(s.median));
    EXPECT_EQ(s.allred(), 0);
    EXPECT_EQ(s.irs(), 0);
  }
}

struct Share {
  int positive, all, score;
};

TEST(Score, AllredProportionHasExactBounds) {
  for (const Share& s : {Share{0, 1000, 0}, Share{9, 1000, 1}, Share{1, 100, 2}, Share{10, 1000, 2}, Share{99, 1000, 2},
                         Share{1, 10, 3}, Share{100, 1000, 3}, Share{333, 1000, 3}, Share{1, 3, 4}, Share{333, 999, 4},
                         Share{665, 999, 4}, Share{2, 3, 5}, Share{666, 999, 5}, Share{7, 7, 5}})
    EXPECT_EQ(score_of(cells_of(s.all - s.positive, 0, s.positive, 0)).allred_proportion, s.score)
        << s.positive << " of " << s.all;
}

TEST(Score, AllredIntensityIsThatOfTheMeanPositiveCell) {
  // Above 5 / 3 it is moderate, above 7 / 3 strong.
  EXPECT_EQ(score_of(cells_of(90, 1, 0, 0)).allred_intensity, 1);
  EXPECT_EQ(score_of(cells_of(0, 1, 2, 0)).allred_intensity, 1) << "exactly 5 / 3";
  EXPECT_EQ(score_of(cells_of(9, 33, 67, 0)).allred_intensity, 2);
  EXPECT_EQ(score_of(cells_of(0, 0, 2, 1)).allred_intensity, 2) << "exactly 7 / 3";
  EXPECT_EQ(score_of(cells_of(9, 0, 66, 34)).allred_intensity, 3);
}

TEST(Score, ImmunoreactiveProportionFollowsItsBounds) {
  for (const Share& s :
       {Share{0, 100, 0}, Share{1, 1000, 1}, Share{99, 1000, 1}, Share{10, 100, 2}, Share{509, 1000, 2},
        Share{51, 100, 3}, Share{102, 200, 3}, Share{809, 1000, 3}, Share{81, 100, 4}, Share{5, 5, 4}})
    EXPECT_EQ(score_of(cells_of(s.all - s.positive, s.positive, 0, 0)).irs_proportion, s.score)
        << s.positive << " of " << s.all;
  ScoreRule own;
  own.irs_percent = {20, 40, 60};
  EXPECT_EQ(score_of(cells_of(81, 19, 0, 0), own).irs_proportion, 1);
  EXPECT_EQ(score_of(cells_of(80, 20, 0, 0), own).irs_proportion, 2);
  EXPECT_EQ(score_of(cells_of(60, 40, 0, 0), own).irs_proportion, 3);
  EXPECT_EQ(score_of(cells_of(40, 60, 0, 0), own).irs_proportion, 4);
}

TEST(Score, ImmunoreactiveIntensityIsTheRoundedMeanClass) {
  EXPECT_EQ(score_of(cells_of(50, 51, 49, 0)).irs_intensity, 1);  // 1.49
  EXPECT_EQ(score_of(cells_of(50, 50, 50, 0)).irs_intensity, 2);  // 1.5
  EXPECT_EQ(score_of(cells_of(50, 0, 51, 49)).irs_intensity, 2);  // 2.49
  EXPECT_EQ(score_of(cells_of(50, 0, 50, 50)).irs_intensity, 3);  // 2.5
}

TEST(Score, MedianIsTheLowerOfTheTwoInTheMiddle) {
  EXPECT_EQ(score_of({9, 1, 5}).median, 5);
  EXPECT_EQ(score_of({9, 1, 5, 7}).median, 5);
  EXPECT_EQ(score_of({4}).median, 4);
}

TEST(Score, RefusesBinsThatDoNotAscendAndVerdictsThatDoNotFit) {
  const std::vector<double> values{0.5, 0.5};
  for (const std::array<double, 3>& bins : {std::array{0.4, 0.4, 0.6}, {0.2, 0.6, 0.4}, {0.2, kNan, 0.4}}) {
    ScoreRule rule;
    rule.bins = bins;
    EXPECT_THROW(score_of(values, rule), InvalidArgument);
  }
  const std::vector<std::uint8_t> one{1};
  EXPECT_THROW(score_marker(values, one, {}), InvalidArgument);
}

TEST(Score, PixelsFromCountsPixelsToAHundredth) {
  HostPlane<float> pixels({300, 200});
  std::mt19937 random(3);
  std::uniform_real_distribution<float> value(0, 2);
  for (std::int64_t i = 0; i < pixels.extent().area(); ++i) pixels.data()[i] = random() % 4 == 0 ? 0.0f : value(random);
  Histogram16 keys = empty_histogram();
  add_to_histogram(CpuQueue{}, pixels.view(), keys);
  const auto at_least = [&](double least) {
    return std::count_if(pixels.data(), pixels.data() + pixels.extent().area(),
                         [&](float v) { return static_cast<double>(v) >= least; });
  };
  for (const double least : {0.05, 0.2, 0.4, 0.6, 1.0, 1.5}) {
    EXPECT_GE(pixels_from(keys, least), at_least(least)) << least;
    EXPECT_LE(pixels_from(keys, least), at_least(0.99 * least)) << least;
  }
  EXPECT_EQ(pixels_from(keys, 0.5), at_least(0.5)) << "a power of two begins a key";
  EXPECT_EQ(pixels_from(keys, 0), 300 * 200);
  EXPECT_EQ(pixels_from(keys, 3), 0);
}

// --- beside a control

TEST(RelativeIntensityTest, IsComputedByHand) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> values{0.6, 0.2, 0.9, nan, 5}, control{0.1, 0.3, nan, 0.1, 0.3};
  const std::vector<std::uint8_t> counted{1, 1, 1, 1, 0};
  const RelativeIntensity r = compare_to_control(values, counted, control);
  EXPECT_DOUBLE_EQ(r.control_median, 0.1);  // the lower of the two in the middle
  EXPECT_NEAR(r.control_std, 0.1, 1e-12);
  EXPECT_NEAR(r.rfi, 6, 1e-12);
  EXPECT_NEAR(r.stain_index, 2.5, 1e-12);  // (0.6 - 0.1) / (2 x 0.1)
}

TEST(RelativeIntensityTest, IsUnknownWithoutCellsOrLight) {
  const std::vector<double> some{0.5, 0.5}, none, dark{0, 0};
  EXPECT_TRUE(std::isnan(compare_to_control(some, {}, none).rfi));
  EXPECT_TRUE(std::isnan(compare_to_control(none, {}, some).rfi));
  EXPECT_TRUE(std::isnan(compare_to_control(some, {}, dark).rfi));
  EXPECT_TRUE(std::isnan(compare_to_control(some, {}, some).stain_index)) << "a control without spread";
  EXPECT_EQ(level_of(compare_to_control(some, {}, none).rfi, {1, 2}), "");
}

TEST(RelativeIntensityTest, HasALevelFromItsCutsOn) {
  EXPECT_EQ(level_of(1.49, {1.5, 3}), "low");
  EXPECT_EQ(level_of(1.5, {1.5, 3}), "medium");
  EXPECT_EQ(level_of(3, {1.5, 3}), "high");
}

}  // namespace
}  // namespace hexaplex
