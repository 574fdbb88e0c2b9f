#include "core/stains/vectors.h"

#include <gtest/gtest.h>

#include <random>

namespace hexaplex {
namespace {

StainVector times(const Moments& m, const StainVector& v) {
  return {dot(m[0], v), dot(m[1], v), dot(m[2], v)};
}

void expect_axes(const Moments& m) {
  const Axes axes = axes_of(m);
  double scale = 0;
  for (const StainVector& row : m) scale = std::max(scale, length(row));
  for (std::size_t i = 0; i < 3; ++i) {
    const StainVector& v = axes.vectors[i];
    EXPECT_LE(length(times(m, v) - axes.values[i] * v), 1e-12 * scale) << "A v = lambda v, axis " << i;
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(dot(v, axes.vectors[k]), i == k ? 1 : 0, 1e-12);
    if (i > 0) {
      EXPECT_GE(axes.values[i - 1], axes.values[i]);
    }
  }
}

TEST(Axes, OfADiagonalMatrixAreItsOwnInDescendingOrder) {
  const Axes axes = axes_of(Moments{{{2, 0, 0}, {0, 7, 0}, {0, 0, 4}}});
  EXPECT_EQ(axes.values, (std::array<double, 3>{7, 4, 2}));
  EXPECT_EQ(axes.vectors[0], (StainVector{0, 1, 0}));
  EXPECT_EQ(axes.vectors[1], (StainVector{0, 0, 1}));
  EXPECT_EQ(axes.vectors[2], (StainVector{1, 0, 0}));
}

TEST(Axes, OfOneVectorAreThatVectorAndNothing) {
  const StainVector v{0.65, 0.70, 0.29};
  Moments m{};
  add_moment(m, 3, v);
  const Axes axes = axes_of(m);
  EXPECT_NEAR(axes.values[0], 3 * dot(v, v), 1e-12);
  EXPECT_NEAR(axes.values[1], 0, 1e-12);
  EXPECT_NEAR(axes.values[2], 0, 1e-12);
  EXPECT_NEAR(std::abs(dot(axes.vectors[0], unit(v))), 1, 1e-12);
  expect_axes(m);
}

TEST(Axes, AreThoseFromWhichAMatrixWasMade) {
  const StainVector a = unit({1, 2, 2}), b = unit({2, 1, -2}), c = cross(a, b);
  Moments m{};
  add_moment(m, 0.5, c), add_moment(m, 5, a), add_moment(m, 2, b);
  const Axes axes = axes_of(m);
  const StainVector expected[] = {a, b, c};
  const double values[] = {5, 2, 0.5};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(axes.values[i], values[i], 1e-12);
    EXPECT_NEAR(std::abs(dot(axes.vectors[i], expected[i])), 1, 1e-12);
  }
}

TEST(Axes, HoldForRandomSymmetricMatrices) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> value(-1, 1);
  for (int round = 0; round < 500; ++round) {
    const double scale = round % 3 == 0 ? 1e-6 : round % 3 == 1 ? 1 : 1e8;
    Moments m{};
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = i; j < 3; ++j) m[i][j] = m[j][i] = scale * value(random);
    expect_axes(m);
  }
}

TEST(Axes, HoldWhereAxesAreEqual) {
  expect_axes(Moments{});
  expect_axes(Moments{{{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}});
  expect_axes(Moments{{{2, 1, 1}, {1, 2, 1}, {1, 1, 2}}});
}

TEST(Moments, AddWeightedProducts) {
  Moments m{};
  add_moment(m, 2, {1, 3, 5});
  add_moment(m, 1, {0, 1, -1});
  EXPECT_EQ(m, (Moments{{{2, 6, 10}, {6, 19, 29}, {10, 29, 51}}}));
}

}  // namespace
}  // namespace hexaplex
