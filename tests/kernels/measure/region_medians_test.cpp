#include "kernels/measure/region_medians.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

// The one set that every part belongs to.
double median_of(const std::vector<float>& values) {
  MedianFinder finder;
  const PixelRun run{0, 0, static_cast<int>(values.size()), 0};
  finder.set_region({&run, 1}, {1, 1, 1, 1});
  double median = 0;
  finder.find(values, {&median, 1});
  return median;
}

TEST(Medians, OddEvenOneAndNone) {
  EXPECT_EQ(median_of({5, 1, 3}), 3);
  EXPECT_EQ(median_of({5, 1, 4, 2}), 3);
  EXPECT_EQ(median_of({7}), 7);
  EXPECT_EQ(median_of({7, 7, 7, 7}), 7);
  EXPECT_TRUE(std::isnan(median_of({})));
  EXPECT_FALSE(std::signbit(median_of({-0.0f})));
  EXPECT_FALSE(std::signbit(median_of({-0.0f, -0.0f, 5, -5, 0.0f})));
}

TEST(Medians, ExtremesOfTheRange) {
  constexpr float kMost = std::numeric_limits<float>::max(), kLeast = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(median_of({-kMost, kMost, 1}), 1);
  EXPECT_EQ(median_of({-kMost, kMost}), 0);
  EXPECT_EQ(median_of({0, kLeast, 2 * kLeast}), static_cast<double>(kLeast));
  EXPECT_EQ(median_of({0, 0, 0, 1e30f, 1e-30f, 2e-30f, 3e-30f}), static_cast<double>(1e-30f));
}

TEST(Medians, OverlappingSetsAgreeWithSorting) {
  std::mt19937 random(11);
  MedianFinder finder;
  const PixelSets sets{0b1010, 0b1001, 0b1110, 0b1101};
  for (int round = 0; round < 600; ++round) {
    std::vector<PixelRun> runs;
    std::vector<float> values;
    std::vector<std::vector<double>> by_set(4);
    const int kind = round % 4, count = static_cast<int>(random() % (round % 50 == 0 ? 3000 : 40));
    for (int r = 0; r < count; ++r) {
      const int length = 1 + static_cast<int>(random() % 9);
      const unsigned part = round % 7 == 0 ? 0 : random() % 4;
      runs.push_back({r, 0, length, part});
      for (int i = 0; i < length; ++i) {
        const double u = static_cast<double>(random()) / 4294967296.0;
        const float v = kind == 0   ? static_cast<float>(random() % 256)
                        : kind == 1 ? static_cast<float>(u * 100 - 50)
                        : kind == 2 ? static_cast<float>(std::exp(20 * u))  // nearly all in the first step
                                    : static_cast<float>(random() % 2);
        values.push_back(v);
        for (std::size_t s = 0; s < 4; ++s)
          if (sets[part] >> s & 1) by_set[s].push_back(v);
      }
    }
    finder.set_region(runs, sets);
    std::vector<double> medians(4);
    finder.find(values, medians);
    for (std::size_t s = 0; s < 4; ++s) {
      auto& v = by_set[s];
      std::sort(v.begin(), v.end());
      if (v.empty()) {
        EXPECT_TRUE(std::isnan(medians[s]));
      } else {
        EXPECT_EQ(medians[s], (v[(v.size() - 1) / 2] + v[v.size() / 2]) / 2) << round;
      }
    }
  }
}

TEST(Medians, RefusesAnotherNumberOfValues) {
  MedianFinder finder;
  const PixelRun run{0, 0, 3, 0};
  finder.set_region({&run, 1}, {1, 1, 1, 1});
  const std::vector<float> two(2);
  double median = 0;
  EXPECT_THROW(finder.find(two, {&median, 1}), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
