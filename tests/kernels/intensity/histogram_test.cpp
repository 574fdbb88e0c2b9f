#include "kernels/intensity/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/runtime/error.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::random_plane;

Histogram16 histogram_of(const std::vector<int>& values) {
  Histogram16 h = empty_histogram();
  for (int v : values) ++h[v];
  return h;
}

TEST(Histogram, AddsUpValueByValue) {
  Histogram16 a = empty_histogram(), b = empty_histogram();
  a[0] = 3, a[65535] = 1, b[65535] = 5, b[7] = 2;
  add(a, b);
  EXPECT_EQ(b[0], 3);
  EXPECT_EQ(b[7], 2);
  EXPECT_EQ(b[65535], 6);
  EXPECT_EQ(total(b), 11);
  Histogram16 other(10);
  EXPECT_THROW(add(a, other), InvalidArgument);
}

TEST(Histogram, CountsEveryValueOfAWindow) {
  HostPlane<std::uint16_t> src({5, 3}, 9);
  src(1, 1) = 0, src(2, 1) = 65535, src(3, 1) = 65535, src(0, 0) = 7, src(4, 2) = 7;
  Histogram16 h = empty_histogram();
  CpuQueue q;
  add_to_histogram(q, src.view().window({1, 1, 3, 1}), h);
  EXPECT_EQ(h[0], 1);
  EXPECT_EQ(h[65535], 2);
  EXPECT_EQ(total(h), 3);
  add_to_histogram(q, src.view(), h);  // adds, does not replace
  EXPECT_EQ(h[0], 2);
  EXPECT_EQ(h[7], 2);
  EXPECT_EQ(h[9], 10);
  EXPECT_EQ(total(h), 18);
}

TEST(Histogram, IsTheSameForAnyTilingAndThreadCount) {
  const auto src = random_plane<std::uint16_t>({1500, 1900}, 1);  // several bands
  Histogram16 want = empty_histogram();
  for (std::int64_t i = 0; i < src.extent().area(); ++i) ++want[src.data()[i]];
  testing::for_thread_counts([&] {
    Histogram16 whole = empty_histogram(), tiles = empty_histogram();
    CpuQueue q;
    add_to_histogram(q, src.view(), whole);
    for (const auto& t : testing::cut_into_tiles(src.extent(), 333, 0))
      add_to_histogram(q, src.view().window(t.core), tiles);
    EXPECT_EQ(whole, want);
    EXPECT_EQ(tiles, want);
  });
}

TEST(Histogram, TakesEmptyPlanes) {
  CpuQueue q;
  Histogram16 h = empty_histogram();
  for (const Extent e : testing::kEmptyShapes) {
    add_to_histogram(q, Plane<const std::uint16_t>{nullptr, e, e.width}, h);
    add_to_histogram(q, Plane<const float>{nullptr, e, e.width}, h);
  }
  EXPECT_EQ(total(h), 0);
  EXPECT_EQ(quantile(h, 0.5), 0);
  EXPECT_EQ(otsu_threshold(h), 0);
}

TEST(FloatKey, SortsLikeTheNumbers) {
  std::vector<float> values{-std::numeric_limits<float>::max(),
                            -1e9f,
                            -2.0f,
                            -1.0f,
                            -1e-20f,
                            0.0f,
                            1e-20f,
                            0.5f,
                            0.996f,
                            1.0f,
                            1.01f,
                            2.0f,
                            65535.0f,
                            1e9f,
                            std::numeric_limits<float>::max()};
  for (std::size_t i = 1; i < values.size(); ++i)
    EXPECT_LE(float_key(values[i - 1]), float_key(values[i])) << values[i];
  EXPECT_LE(float_key(-0.0f), float_key(0.0f));
  EXPECT_LT(float_key(1.0f), float_key(1.01f));
}

TEST(FloatKey, GivesTheFloorOfABinOfUnderOnePercent) {
  for (float v : {1e-30f, 0.1f, 1.0f, 1.999f, 37.3f, 65535.0f, 1e20f})
    for (float sign : {-1.0f, 1.0f}) {
      const std::uint16_t key = float_key(sign * v);
      EXPECT_LE(float_of_key(key), sign * v);
      EXPECT_NEAR(float_of_key(key), sign * v, v * 0.008);
      EXPECT_EQ(float_key(float_of_key(key)), key);
    }
}

TEST(FloatKey, CountsFloatsByKey) {
  HostPlane<float> src({3, 2}, 1.5f);
  src(0, 0) = -4, src(2, 1) = 0;
  Histogram16 h = empty_histogram();
  CpuQueue q;
  add_to_histogram(q, src.view(), h);
  EXPECT_EQ(h[float_key(1.5f)], 4);
  EXPECT_EQ(h[float_key(-4.0f)], 1);
  EXPECT_EQ(h[float_key(0.0f)], 1);
}

TEST(Quantile, IsTheSmallestValueThatReachesTheFraction) {
  const Histogram16 h = histogram_of({3, 3, 10, 40});
  EXPECT_EQ(quantile(h, 0), 3);
  EXPECT_EQ(quantile(h, 0.5), 3);
  EXPECT_EQ(quantile(h, 0.51), 10);
  EXPECT_EQ(quantile(h, 0.75), 10);
  EXPECT_EQ(quantile(h, 0.76), 40);
  EXPECT_EQ(quantile(h, 1), 40);
}

TEST(Quantile, EqualsSortingOnRandomValues) {
  const auto src = random_plane<std::uint16_t>({37, 27}, 2);
  Histogram16 h = empty_histogram();
  CpuQueue q;
  add_to_histogram(q, src.view(), h);
  std::vector<int> sorted(src.data(), src.data() + src.extent().area());
  std::sort(sorted.begin(), sorted.end());
  for (double f : {0.0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.995, 1.0}) {
    const auto place = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(f * sorted.size())));
    EXPECT_EQ(quantile(h, f), sorted[place - 1]) << f;
  }
}

/// Between-class variance of "values <= t against the others", from the definition.
double between_classes(const std::vector<int>& values, int t) {
  double n0 = 0, n1 = 0, s0 = 0, s1 = 0;
  for (int v : values) (v <= t ? n0 : n1) += 1, (v <= t ? s0 : s1) += v;
  if (n0 == 0 || n1 == 0) return 0;
  return n0 * n1 * (s0 / n0 - s1 / n1) * (s0 / n0 - s1 / n1);
}

TEST(Otsu, MaximisesTheVarianceBetweenTheClasses) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    std::vector<int> values;
    for (int i = 0; i < 200; ++i) values.push_back(static_cast<int>(random() % 60 + (i % 3 == 0 ? 80 : 0)));
    const int got = otsu_threshold(histogram_of(values));
    double best = 0;
    for (int t = 0; t < 160; ++t) best = std::max(best, between_classes(values, t));
    EXPECT_NEAR(between_classes(values, got), best, best * 1e-12) << round;
    EXPECT_LT(between_classes(values, got - 1), best * (1 - 1e-12)) << "the lowest of equal maxima";
  }
}

TEST(Otsu, TakesTheEdges) {
  EXPECT_EQ(otsu_threshold(histogram_of({10, 20})), 10);
  EXPECT_EQ(otsu_threshold(histogram_of({0, 65535})), 0);
  EXPECT_EQ(otsu_threshold(histogram_of({7, 7, 7})), 7);
  EXPECT_EQ(otsu_threshold(histogram_of({65535})), 65535);
  EXPECT_EQ(otsu_threshold(histogram_of({1, 1, 1, 2, 100, 101})), 2);
}

TEST(Histogram, RejectsWhatItsContractExcludes) {
  CpuQueue q;
  HostPlane<std::uint16_t> src({2, 2}, 1);
  Histogram16 small(256, 0);
  EXPECT_THROW(add_to_histogram(q, src.view(), small), InvalidArgument);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double f : {-0.1, 1.1, nan}) EXPECT_THROW(quantile(empty_histogram(), f), InvalidArgument) << f;
}

}  // namespace
}  // namespace hexaplex
