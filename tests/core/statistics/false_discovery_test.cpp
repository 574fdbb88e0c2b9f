#include "core/statistics/false_discovery.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "kernels/runtime/error.h"

namespace hexaplex::test {
namespace {

// Oracle: scipy 1.17, false_discovery_control(method="bh").
TEST(BenjaminiHochberg, AgreesWithScipy) {
  const auto check = [](const std::vector<double>& p, const std::vector<double>& expected) {
    const std::vector<double> q = benjamini_hochberg(p);
    ASSERT_EQ(q.size(), expected.size());
    for (std::size_t i = 0; i < q.size(); ++i) EXPECT_NEAR(q[i], expected[i], 1e-15) << i;
  };
  check({0.01, 0.04, 0.03, 0.2, 0.005, 0.04}, {0.03, 0.048, 0.048, 0.2, 0.03, 0.048});
  check({0.1, 0.1, 0.4, 1.0}, {0.2, 0.2, 0.5333333333333333, 1.0});
  check({0.7}, {0.7});
  check({}, {});
}

TEST(BenjaminiHochberg, WhatIsNoPIsRefused) {
  EXPECT_THROW(benjamini_hochberg(std::vector<double>{0.1, std::numeric_limits<double>::quiet_NaN()}), InvalidArgument);
  EXPECT_THROW(benjamini_hochberg(std::vector<double>{-0.1}), InvalidArgument);
  EXPECT_THROW(benjamini_hochberg(std::vector<double>{1.1}), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex::test
