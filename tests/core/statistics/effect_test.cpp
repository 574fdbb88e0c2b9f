#include "core/statistics/effect.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "kernels/runtime/error.h"

namespace hexaplex::test {
namespace {

using Values = std::vector<double>;

TEST(Effects, ByHand) {
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({9, 1, 4}), 4);
  EXPECT_EQ(median({9, 1, 4, 6}), 5);
  // Differences of {1, 2, 4} against {0, 3}: 1 2 4 -2 -1 1, sorted -2 -1 1 1 2 4.
  EXPECT_EQ(hodges_lehmann_shift(Values{0, 3}, Values{1, 2, 4}), 1);
  EXPECT_DOUBLE_EQ(cliffs_delta(Values{0, 3}, Values{1, 2, 4}), (4.0 - 2.0) / 6);
  EXPECT_EQ(cliffs_delta(Values{1, 2}, Values{3, 4}), 1);
  EXPECT_EQ(cliffs_delta(Values{1, 1}, Values{1}), 0);
  // Sizes 1 2 2 4 have ranks 1 2.5 2.5 4: (1 + 2.5 + 4 - 2.5) / 10.
  EXPECT_DOUBLE_EQ(paired_rank_biserial(Values{1, 2, -2, 4, 0}), 0.5);
  EXPECT_EQ(paired_rank_biserial(Values{0, 0}), 0);
}

TEST(Effects, WhatIsNoSampleIsRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(median({}), InvalidArgument);
  EXPECT_THROW(median({nan}), InvalidArgument);
  EXPECT_THROW(hodges_lehmann_shift(Values{}, Values{1}), InvalidArgument);
  EXPECT_THROW(cliffs_delta(Values{1}, Values{nan}), InvalidArgument);
  EXPECT_THROW(paired_rank_biserial(Values{}), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex::test
