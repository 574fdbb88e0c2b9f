#include "core/statistics/significance.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "kernels/runtime/error.h"

namespace hexaplex::test {
namespace {

using Values = std::vector<double>;

// Oracle: scipy 1.17, permutation_test(statistic = difference of means, n_resamples = inf) for the first figure;
// mannwhitneyu(method="exact"), or where values are tied permutation_test on the rank sum of rankdata, for the second.
TEST(GroupTests, AgreeWithScipy) {
  struct Case {
    Values a, b;
    double permutation, ranks;
  };
  const std::vector<Case> cases{
      {{1, 2, 3}, {7, 8, 9.5}, 0.1, 0.1},
      {{1.1, 2.3, 3.7, 4.4}, {2.9, 5.2, 6.1, 7.3, 8.8}, 0.06349206349206349, 0.06349206349206349},
      {{1, 2, 2, 3, 5}, {2, 3, 3, 6, 7, 7}, 0.13852813852813853, 0.12121212121212122},
      {{0.4, 1.9}, {0.1, 3.2, 4.8, 5.5, 6.0}, 0.2857142857142857, 0.38095238095238093},
      {{0.001, 0.299, -0.274, -0.891, -0.455, -0.992, 0.06, 1.34},
       {0.508, 0.38, 1.49, 1.357, 1.105, 0.07, 0.971, 1.695, -0.344},
       0.020403126285479228,
       0.015220074043603454}};
  for (const Case& c : cases) {
    const Significance permutation = permutation_test(c.a, c.b), ranks = mann_whitney_test(c.a, c.b);
    EXPECT_TRUE(permutation.exact && ranks.exact);
    EXPECT_NEAR(permutation.p, c.permutation, 1e-12);
    EXPECT_NEAR(ranks.p, c.ranks, 1e-12);
    EXPECT_EQ(permutation_test(c.b, c.a).p, permutation.p) << "which group is named first does not matter";
  }
}

// Oracle: scipy 1.17, permutation_test(permutation_type="samples", n_resamples = inf) of the mean, and of signed ranks
// (rankdata of the sizes of differences that are not 0); wilcoxon(method="exact") where nothing is tied.
TEST(PairTests, AgreeWithScipy) {
  struct Case {
    Values differences;
    double flips, ranks;
  };
  for (const Case& c : std::vector<Case>{{{1.2, -0.4, 2.2, 3.1, 0.9, 1.7}, 0.0625, 0.0625},
                                         {{0.5, 1.5, 2.5}, 0.25, 0.25},
                                         {{1, -1, 2, 3, -2, 4, 5}, 0.171875, 0.171875},
                                         {{0, 1, 2, 0, -1, 3, 4}, 0.1875, 0.1875}}) {
    EXPECT_NEAR(sign_flip_test(c.differences).p, c.flips, 1e-12);
    EXPECT_NEAR(signed_rank_test(c.differences).p, c.ranks, 1e-12);
  }
}

TEST(GroupTests, SmallestPIsReachedByGroupsThatLieApart) {
  EXPECT_DOUBLE_EQ(smallest_p_of_groups(3, 3), 0.1);
  EXPECT_DOUBLE_EQ(smallest_p_of_groups(4, 4), 2.0 / 70);
  EXPECT_DOUBLE_EQ(smallest_p_of_groups(1, 1), 1);
  EXPECT_DOUBLE_EQ(smallest_p_of_pairs(1), 1);
  EXPECT_DOUBLE_EQ(smallest_p_of_pairs(6), 0.03125);
  for (std::size_t n = 1; n <= 6; ++n)
    for (std::size_t m = 1; m <= 6; ++m) {
      Values a, b;
      for (std::size_t i = 0; i < n; ++i) a.push_back(static_cast<double>(i * i));
      for (std::size_t i = 0; i < m; ++i) b.push_back(100.5 + static_cast<double>(i));
      EXPECT_NEAR(permutation_test(a, b).p, smallest_p_of_groups(n, m), 1e-15);
      EXPECT_NEAR(mann_whitney_test(a, b).p, smallest_p_of_groups(n, m), 1e-15);
      EXPECT_NEAR(sign_flip_test(b).p, smallest_p_of_pairs(m), 1e-15);
      EXPECT_NEAR(signed_rank_test(b).p, smallest_p_of_pairs(m), 1e-15);
    }
}

TEST(GroupTests, EqualValuesGiveOne) {
  EXPECT_EQ(permutation_test(Values{4, 4, 4}, Values{4, 4, 4}).p, 1);
  EXPECT_EQ(mann_whitney_test(Values{4, 4, 4}, Values{4, 4}).p, 1);
  EXPECT_EQ(sign_flip_test(Values{0, 0, 0}).p, 1);
  EXPECT_EQ(signed_rank_test(Values{0, 0, 0}).p, 1);
  // Equal sums of other decimals are ties although their last bits differ: 0.1 + 0.2 is not 0.3.
  EXPECT_EQ(permutation_test(Values{0.1, 0.2, 0.3}, Values{0.3, 0.1, 0.2}).p, 1);
}

TEST(GroupTests, BeyondListingAFixedSampleIsDrawn) {
  Values a, b, d;
  for (int i = 0; i < 30; ++i) {
    a.push_back(i % 7);
    b.push_back(i % 7 + 1.5 + (i % 3));
    d.push_back(b.back() - a.back() - 2);
  }
  const Significance far = permutation_test(a, b), again = permutation_test(a, b);
  EXPECT_FALSE(far.exact);
  EXPECT_EQ(far.arrangements, 99999u);
  EXPECT_EQ(far.p, again.p);
  EXPECT_GE(far.p, 2.0 / 100000) << "never below what the sample can show";
  EXPECT_LT(far.p, 0.001);
  EXPECT_TRUE(mann_whitney_test(a, b).exact) << "ranks are counted, not listed";
  const Significance flips = sign_flip_test(d);
  EXPECT_FALSE(flips.exact);
  EXPECT_NEAR(flips.p, 0.00424, 0.0005);  // all 2^30 signs, counted by sum
  Values many_a, many_b;
  for (int i = 0; i < 60; ++i) many_a.push_back(i), many_b.push_back(i + 0.5);
  const Significance ranks = mann_whitney_test(many_a, many_b);
  EXPECT_FALSE(ranks.exact);
  EXPECT_NEAR(ranks.p, 0.877, 0.01);  // scipy: mannwhitneyu(method="exact")
}

TEST(GroupTests, WhatIsNoSampleIsRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const auto test : {permutation_test, mann_whitney_test}) {
    EXPECT_THROW(test(Values{}, Values{1}), InvalidArgument);
    EXPECT_THROW(test(Values{1}, Values{}), InvalidArgument);
    EXPECT_THROW(test(Values{1, nan}, Values{1}), InvalidArgument);
    EXPECT_THROW(test(Values{1}, Values{infinity}), InvalidArgument);
  }
  for (const auto test : {sign_flip_test, signed_rank_test}) {
    EXPECT_THROW(test(Values{}), InvalidArgument);
    EXPECT_THROW(test(Values{nan}), InvalidArgument);
  }
  EXPECT_THROW(smallest_p_of_groups(0, 3), InvalidArgument);
  EXPECT_THROW(smallest_p_of_pairs(0), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex::test
