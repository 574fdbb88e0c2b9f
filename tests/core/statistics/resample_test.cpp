#include "core/statistics/resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <vector>

#include "core/statistics/effect.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/simulated_cohorts.h"

namespace hexaplex::test {
namespace {

std::vector<ResampledUnit> units(const std::vector<double>& scores) {
  std::vector<ResampledUnit> all;
  for (const double s : scores) all.push_back({s, {}});
  return all;
}

TEST(Resampling, OfThreeAgainstThreeSpansEveryDifference) {
  // A median of three drawn is the least in 7 of 27 draws: both ends have 7/27 x 7/27 = 6.7 %, more than 2.5 %.
  const auto interval = difference_of_medians_interval(units({5, 6, 8}), units({1, 2, 2.5}), {});
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->low, 1 - 8);
  EXPECT_DOUBLE_EQ(interval->high, 2.5 - 5);
}

TEST(Resampling, AgreesWithEveryResampleOfFourAgainstFour) {
  // Brute force over 4^4 x 4^4 draws.
  const std::array<double, 4> a{1, 2.5, 3, 7}, b{2, 4, 8, 9};
  const auto medians = [](const std::array<double, 4>& values) {
    std::vector<double> all;
    for (int code = 0; code < 256; ++code)
      all.push_back(
          median({values[static_cast<std::size_t>(code & 3)], values[static_cast<std::size_t>(code >> 2 & 3)],
                  values[static_cast<std::size_t>(code >> 4 & 3)], values[static_cast<std::size_t>(code >> 6 & 3)]}));
    return all;
  };
  std::vector<double> differences;
  for (const double y : medians(b))
    for (const double x : medians(a)) differences.push_back(y - x);
  std::sort(differences.begin(), differences.end());
  for (const double level : {0.5, 0.8, 0.95}) {
    ResamplingPlan plan;
    plan.level = level;
    plan.resamples = 100000;
    const auto interval =
        difference_of_medians_interval(units({a.begin(), a.end()}), units({b.begin(), b.end()}), plan);
    ASSERT_TRUE(interval);
    const auto share_below = [&](double value, double allow) {
      return static_cast<double>(std::lower_bound(differences.begin(), differences.end(), value + allow) -
                                 differences.begin()) /
             static_cast<double>(differences.size());
    };
    constexpr double kSampling = 0.005;  // of 100,000 draws
    EXPECT_LE(share_below(interval->low, -1e-9), (1 - level) / 2 + kSampling);
    EXPECT_GE(share_below(interval->low, 1e-9), (1 - level) / 2 - kSampling);
    EXPECT_LE(share_below(interval->high, -1e-9), (1 + level) / 2 + kSampling);
    EXPECT_GE(share_below(interval->high, 1e-9), (1 + level) / 2 - kSampling);
  }
}

TEST(Resampling, OneUnitOrEqualOnes) {
  EXPECT_FALSE(difference_of_medians_interval(units({1}), units({2, 3}), {}));
  EXPECT_FALSE(median_difference_interval(units({1}), units({2}), {}));
  const auto same = difference_of_medians_interval(units({1, 1, 1}), units({4, 4}), {});
  EXPECT_TRUE(same && same->low == 3 && same->high == 3);
  const auto pairs = median_difference_interval(units({1, 10, 100}), units({2, 11, 101}), {});
  EXPECT_TRUE(pairs && pairs->low == 1 && pairs->high == 1) << "pairs stay together";
}

TEST(Resampling, BlocksWidenTheIntervalAndNeverLeaveTheirRange) {
  std::vector<ResampledUnit> a = units({1, 1.2, 0.9}), b = units({3, 3.1, 2.9});
  for (std::vector<ResampledUnit>* group : {&a, &b})
    for (ResampledUnit& unit : *group) unit.blocks = {{unit.score * 0.5, 1}, {unit.score * 1.5, 1}, {0, 0}};
  ResamplingPlan plan;
  const auto animals = difference_of_medians_interval(a, b, plan);
  plan.blocks = true;
  const auto blocks = difference_of_medians_interval(a, b, plan), again = difference_of_medians_interval(a, b, plan);
  ASSERT_TRUE(animals && blocks && again);
  EXPECT_LT(blocks->low, animals->low);
  EXPECT_GT(blocks->high, animals->high);
  EXPECT_GE(blocks->low, 2.9 * 0.5 - 1.2 * 1.5);
  EXPECT_LE(blocks->high, 3.1 * 1.5 - 0.9 * 0.5);
  EXPECT_TRUE(blocks->low == again->low && blocks->high == again->high);
}

TEST(Resampling, WhatCannotBeDrawnIsRefused) {
  ResamplingPlan blocks;
  blocks.blocks = true;
  EXPECT_THROW(difference_of_medians_interval(units({1, 2}), units({1, 2}), blocks), InvalidArgument);
  std::vector<ResampledUnit> no_tissue{{1, {{0, 0}}}, {1, {{0, 0}}}};
  EXPECT_THROW(difference_of_medians_interval(no_tissue, no_tissue, blocks), InvalidArgument);
  EXPECT_THROW(difference_of_medians_interval({}, units({1}), {}), InvalidArgument);
  EXPECT_THROW(median_difference_interval(units({1, 2}), units({1}), {}), InvalidArgument);
  EXPECT_THROW(difference_of_medians_interval(units({1, std::numeric_limits<double>::quiet_NaN()}), units({1, 2}), {}),
               InvalidArgument);
  EXPECT_THROW(difference_of_medians_interval(units({1, 2}), units({1, 2}), {10, 0.95, false}), InvalidArgument);
  EXPECT_THROW(difference_of_medians_interval(units({1, 2}), units({1, 2}), {1000, 1, false}), InvalidArgument);
}

// 2,000 cohorts simulated from scores of animals; the whole table: docs/decisions/0801-group-intervals.md.
class SimulatedCohorts : public ::testing::TestWithParam<CohortModel> {
 protected:
  static constexpr int kCohorts = 2000, kResamples = 1000;
};

TEST_P(SimulatedCohorts, SixAgainstSixRejectAtMostAlphaAndCoverTheTruth) {
  const CohortOutcomes o = simulate_groups(GetParam(), 6, kCohorts, kResamples);
  EXPECT_GE(o.covered, 0.93);
  EXPECT_LE(o.covered, 0.97);
  if (GetParam().true_difference() != 0) return;
  constexpr double kSimulation = 2.6 * 0.00487;  // of 2,000 cohorts: sqrt(0.05 x 0.95 / 2000)
  EXPECT_LE(o.permutation_rejects, 0.05 + kSimulation);
  EXPECT_LE(o.ranks_reject, 0.05 + kSimulation);
}

TEST_P(SimulatedCohorts, ThreeAgainstThreeNeverReachFivePercent) {
  const CohortOutcomes o = simulate_groups(GetParam(), 3, kCohorts, kResamples);
  EXPECT_EQ(o.permutation_rejects, 0);
  EXPECT_EQ(o.ranks_reject, 0);
  EXPECT_DOUBLE_EQ(o.smallest_p, 0.1);
  EXPECT_GE(o.covered, 0.84);  // what the pages say of so few
  EXPECT_LE(o.covered, 0.93);
}

INSTANTIATE_TEST_SUITE_P(Models, SimulatedCohorts, ::testing::ValuesIn(usual_models()), [](const auto& model) {
  std::string name = model.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace hexaplex::test
