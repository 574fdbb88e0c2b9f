#include "kernels/runtime/numerics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

TEST(Numerics, LogAgreesWithTheCLibrary) {
  EXPECT_EQ(exact_log(1.0), 0.0);
  for (double x = 1e-300; x < 1e300; x *= 1.37) EXPECT_NEAR(exact_log(x) / std::log(x), 1.0, 2e-15) << x;
  for (double x = 0.5; x < 2; x += 0.0137) EXPECT_NEAR(exact_log(x), std::log(x), 4e-16) << x;
  EXPECT_THROW(exact_log(0), InvalidArgument);
  EXPECT_THROW(exact_log(-1), InvalidArgument);
}

TEST(Numerics, ExpAgreesWithTheCLibrary) {
  EXPECT_EQ(exact_exp(0.0), 1.0);
  for (double x = -690; x < 690; x += 3.713) EXPECT_NEAR(exact_exp(x) / std::exp(x), 1.0, 1e-14) << x;
  EXPECT_THROW(exact_exp(1000), InvalidArgument);
}

TEST(Numerics, PowAgreesWithTheCLibrary) {
  for (double x = 0.01; x < 100; x *= 1.7)
    for (double y = -5; y < 5; y += 0.7) EXPECT_NEAR(exact_pow(x, y) / std::pow(x, y), 1.0, 1e-13);
}

TEST(ExactAtan2, AgreesWithTheCLibrary) {
  for (int i = 0; i < 4000; ++i) {
    const double a = -3.1 + 6.2 * i / 3999, r = 1e-3 * (1 + i % 97);
    const double x = r * std::cos(a), y = r * std::sin(a);
    EXPECT_NEAR(exact_atan2(y, x), std::atan2(y, x), 1e-15 * 4) << x << " " << y;
  }
}

TEST(ExactAtan2, MultiplesOfAQuarterTurn) {
  const double pi = 3.14159265358979323846;
  EXPECT_EQ(exact_atan2(0, 0), 0);
  EXPECT_EQ(exact_atan2(0, 2), 0);
  EXPECT_EQ(exact_atan2(2, 0), pi / 2);
  EXPECT_EQ(exact_atan2(-2, 0), -pi / 2);
  EXPECT_EQ(exact_atan2(0, -2), pi);
  EXPECT_EQ(exact_atan2(3, 3), pi / 4);
  EXPECT_EQ(exact_atan2(-3, -3), -(pi - pi / 4));
}

}  // namespace
}  // namespace hexaplex
