#include "core/phenotype/threshold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

std::vector<double> lognormal(std::size_t n, double median, double sigma, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, sigma);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(median * std::exp(normal(random)));
  return values;
}

std::vector<double> joined(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

ClassInput input_of(const std::vector<double>& values, double min_separation = 3) {
  return {values, values, background_level(values), min_separation};
}

std::size_t at_least(const std::vector<double>& values, double threshold) {
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [&](double v) { return v >= threshold; }));
}

using Find = std::optional<TwoClasses> (*)(const ClassInput&);

class FindClasses : public testing::TestWithParam<std::pair<const char*, Find>> {
 protected:
  Find find = GetParam().second;
};

TEST_P(FindClasses, FindsAMarkerOnHalfOfTheCells) {
  const auto negative = lognormal(2000, 5, 0.4, 1), positive = lognormal(3000, 200, 0.4, 2);
  const auto values = joined(negative, positive);
  const auto found = find(input_of(values));
  ASSERT_TRUE(found);
  EXPECT_NEAR(static_cast<double>(at_least(values, found->threshold)), 3000, 2) << "one negative cell in a thousand";
  EXPECT_NEAR(found->separation, 40, 3);
}

TEST_P(FindClasses, FindsAMarkerOnOnePercentOfTheCells) {
  const auto values = joined(lognormal(5000, 5, 0.4, 3), lognormal(20, 200, 0.4, 4));
  const auto found = find(input_of(values));
  ASSERT_TRUE(found);
  EXPECT_NEAR(static_cast<double>(at_least(values, found->threshold)), 20, 3);
}

TEST_P(FindClasses, FindsAMarkerOnNearlyAllCells) {
  const auto values = joined(lognormal(60, 5, 0.4, 5), lognormal(5000, 200, 0.4, 6));
  ClassInput input{values, values, 4, 3};
  const auto found = find(input);
  ASSERT_TRUE(found);
  EXPECT_NEAR(static_cast<double>(at_least(values, found->threshold)), 5000, 5);
}

TEST_P(FindClasses, DoesNotSplitAnAbsentMarker) {
  for (unsigned seed = 0; seed < 20; ++seed)
    for (double sigma : {0.05, 0.2, 0.4}) {
      const auto noise = lognormal(5000, 8, sigma, 100 + seed);
      EXPECT_FALSE(find(input_of(noise))) << "seed " << seed << " sigma " << sigma;
    }
}

TEST_P(FindClasses, DoesNotSplitClassesThatLieTooClose) {
  const auto values = joined(lognormal(1000, 10, 0.07, 7), lognormal(1000, 20, 0.07, 8));
  EXPECT_FALSE(find(input_of(values, 3)));
  const auto found = find(input_of(values, 1.5));
  ASSERT_TRUE(found);
  EXPECT_EQ(at_least(values, found->threshold), 1000u);
  EXPECT_NEAR(found->separation, 2, 0.05);
}

TEST_P(FindClasses, ManyZerosAreOneClass) {
  auto values = std::vector<double>(3000, 0.0);
  const auto positive = lognormal(500, 100, 0.3, 9);
  values.insert(values.end(), positive.begin(), positive.end());
  const auto found = find(input_of(values));
  ASSERT_TRUE(found);
  EXPECT_EQ(at_least(values, found->threshold), 500u);
}

TEST_P(FindClasses, DoesNotDependOnTheOrderOfTheCells) {
  auto values = joined(lognormal(4000, 5, 0.5, 10), lognormal(300, 90, 0.6, 11));
  const auto found = find(input_of(values));
  ASSERT_TRUE(found);
  std::mt19937 random(12);
  for (int trial = 0; trial < 5; ++trial) {
    std::shuffle(values.begin(), values.end(), random);
    const auto again = find(input_of(values));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->threshold, found->threshold);
    EXPECT_EQ(again->separation, found->separation);
    EXPECT_EQ(again->distance, found->distance);
  }
}

TEST_P(FindClasses, ScalesWithTheUnitOfTheValues) {
  auto values = joined(lognormal(4000, 5, 0.5, 13), lognormal(300, 90, 0.4, 14));
  const auto found = find(input_of(values));
  for (double& v : values) v *= 1024;
  const auto scaled = find(input_of(values));
  ASSERT_TRUE(found && scaled);
  EXPECT_NEAR(scaled->threshold, 1024 * found->threshold, 1e-6 * scaled->threshold);
  EXPECT_EQ(scaled->separation, found->separation);
}

TEST_P(FindClasses, NegativeValuesCountAsZero) {
  const std::vector<double> values{-5, -1, -3, 0, 100, 110, 120, 130}, brightness{0, 1, 2, 1, 100, 110, 120, 130};
  const auto found = find({values, brightness, 1.0, 3});
  ASSERT_TRUE(found);
  EXPECT_GT(found->threshold, 0);
  EXPECT_LE(found->threshold, 100);
}

TEST_P(FindClasses, FewCellsAreNoClass) {
  for (std::size_t n = 0; n < 6; ++n) {
    std::vector<double> values(n, 1.0);
    if (n > 0) values.back() = 1000;
    EXPECT_FALSE(find({values, values, 1.0, 1.0})) << n;
  }
  const std::vector<double> outlier{1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1000};
  EXPECT_FALSE(find({outlier, outlier, 1.0, 3})) << "one bright cell is no class";
  const std::vector<double> equal(50, 7.0);
  EXPECT_FALSE(find({equal, equal, 7.0, 1}));
}

INSTANTIATE_TEST_SUITE_P(, FindClasses,
                         testing::Values(std::pair<const char*, Find>{"Otsu", find_otsu_classes},
                                         std::pair<const char*, Find>{"Mixture", find_mixture_classes}),
                         [](const auto& one) { return one.param.first; });

TEST(FindOtsuClasses, ByHand) {
  // With background 1 the logarithms of 1 + v are 0, 0, 0 and 3 of ln 100: classes at 0 and ln 100, no spread, so the
  // threshold lies at 0.3 ln 100: 100^0.3 - 1.
  const std::vector<double> values{0, 0, 0, 99, 99, 99};
  const std::vector<double> brightness{2, 2, 2, 100, 100, 100};
  const auto found = find_otsu_classes({values, brightness, 1.0, 3});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->threshold, std::pow(100, 0.3) - 1, 1e-12);
  EXPECT_EQ(found->separation, 50);
}

// Where classes lie close, 30 % of the way would be within what negative cells vary by.
TEST(FindOtsuClasses, ThresholdIsWellAboveTheNegativeCells) {
  const std::vector<double> quadruple{0, 0, 0, 3, 3, 3}, quadruple_brightness{1, 1, 1, 4, 4, 4};
  const auto found = find_otsu_classes({quadruple, quadruple_brightness, 1.0, 3});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->threshold, std::exp(0.6) - 1, 1e-12);
  // but never past the middle: ln 2.5 / 2 is less than 0.6
  const std::vector<double> close{0, 0, 0, 1.5, 1.5, 1.5}, close_brightness{1, 1, 1, 2.5, 2.5, 2.5};
  const auto middle = find_otsu_classes({close, close_brightness, 1.0, 2});
  ASSERT_TRUE(middle);
  EXPECT_NEAR(middle->threshold, std::sqrt(2.5) - 1, 1e-12);
}

TEST(FindOtsuClasses, ARarerClassNeedsMore) {
  // Logarithms 0 and 0.4 (mean 0.2, deviation 0.2) in 9 of 10 cells, 4.0 and 4.4 in one: 0.3 x 4 and 2 x 0.04 ln 9 / 4.
  const auto threshold_for = [](int negative, int positive) {
    std::vector<double> values;
    for (int i = 0; i < negative; ++i) values.push_back(std::exp(i % 2 == 0 ? 0.0 : 0.4) - 1);
    for (int i = 0; i < positive; ++i) values.push_back(std::exp(i % 2 == 0 ? 4.0 : 4.4) - 1);
    const auto found = find_otsu_classes({values, values, 1.0, 3});
    return found ? std::log(found->threshold + 1) : std::nan("");
  };
  EXPECT_NEAR(threshold_for(90, 10), 0.2 + 1.2 + 0.08 * std::log(9.0) / 4, 1e-9);
  EXPECT_NEAR(threshold_for(50, 50), 1.4, 1e-9);
  EXPECT_NEAR(threshold_for(10, 90), 1.4, 1e-9) << "a common class needs no less";
}

TEST(FindMixtureClasses, CutsWhereBothAreEquallyLikely) {
  // Equal spread, equal weight: half way between the logarithmic means.
  const auto values = joined(lognormal(20000, 10, 0.3, 15), lognormal(20000, 160, 0.3, 16));
  const auto found = find_mixture_classes({values, values, 1e-9, 3});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->threshold, 40, 3);
  // A rare class with the same spread needs more evidence: w0 / w1 = e^((ln 160 - ln 10) (x - middle) / sd^2).
  const auto rare = joined(lognormal(20000, 10, 0.3, 17), lognormal(200, 160, 0.3, 18));
  const auto higher = find_mixture_classes({rare, rare, 1e-9, 3});
  ASSERT_TRUE(higher);
  EXPECT_NEAR(higher->threshold, 40 * std::exp(0.09 * std::log(100.0) / std::log(16.0)), 4);
}

TEST(QuantileThreshold, LeavesTheShareBelow) {
  std::vector<double> values;
  for (int i = 100; i > 0; --i) values.push_back(i);
  EXPECT_EQ(quantile_threshold(values, 0.95), 96);
  EXPECT_EQ(at_least(values, quantile_threshold(values, 0.95)), 5u);
  EXPECT_EQ(quantile_threshold(std::vector<double>{4}, 0.99), 4);
  EXPECT_THROW(quantile_threshold({}, 0.5), InvalidArgument);
  EXPECT_THROW(quantile_threshold(values, 1), InvalidArgument);
}

TEST(MedianOf, MiddleOrMeanOfTheMiddleTwo) {
  EXPECT_EQ(median_of(std::vector<double>{3, 1, 2}), 2);
  EXPECT_EQ(median_of(std::vector<double>{4, 1, 2, 3}), 2.5);
  EXPECT_TRUE(std::isnan(median_of({})));
}

TEST(BackgroundLevel, IsLowButAboveZero) {
  std::vector<double> values;
  for (int i = 0; i <= 100; ++i) values.push_back(i);
  EXPECT_EQ(background_level(values), 5);
  EXPECT_EQ(background_level(std::vector<double>{0, 0, 0, 64}), 0.25);
  EXPECT_EQ(background_level(std::vector<double>{0, 0}), 0);
  EXPECT_EQ(background_level({}), 0);
}

TEST(FindClassesErrors, BadInput) {
  const std::vector<double> one{1}, two{1, 2};
  EXPECT_THROW(find_otsu_classes({one, two, 1.0, 1}), InvalidArgument);
  EXPECT_THROW(find_otsu_classes({one, one, 0.0, 1}), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
