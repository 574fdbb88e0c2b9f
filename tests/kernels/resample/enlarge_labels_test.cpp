#include "kernels/resample/enlarge_labels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/resample/shrink.h"
#include "kernels/runtime/error.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Labels;
using testing::random_labels;
using testing::same_pixels;

Labels enlarged(const Labels& src, Extent full, int factor) {
  Labels out(full, 0xdead);
  CpuQueue q;
  enlarge_labels(q, src.view(), out.view(), factor);
  return out;
}

/// Weights in doubles: the quadratic B-spline around every coarse centre, edges repeated.
Labels brute_force(const Labels& src, Extent full, int factor) {
  Labels out(full);
  const auto spline = [](double d) {
    d = std::abs(d);
    return d < 0.5 ? 0.75 - d * d : d < 1.5 ? (1.5 - d) * (1.5 - d) / 2 : 0.0;
  };
  for (int y = 0; y < full.height; ++y)
    for (int x = 0; x < full.width; ++x) {
      const double u = (x + 0.5) / factor - 0.5, v = (y + 0.5) / factor - 0.5;
      std::map<std::uint32_t, double> weight;
      for (int j = static_cast<int>(std::floor(v)) - 1; j <= static_cast<int>(std::floor(v)) + 2; ++j)
        for (int i = static_cast<int>(std::floor(u)) - 1; i <= static_cast<int>(std::floor(u)) + 2; ++i)
          weight[src(std::clamp(i, 0, src.width() - 1), std::clamp(j, 0, src.height() - 1))] +=
              spline(u - i) * spline(v - j);
      double most = -1;
      for (const auto& [label, w] : weight)
        if (w > most + 1e-9) most = w, out(x, y) = label;
    }
  return out;
}

TEST(EnlargeLabels, TurnsStairsIntoASlope) {
  Labels src({8, 8}, 0);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x <= y; ++x) src(x, y) = 3;
  const Labels out = enlarged(src, {32, 32}, 4);
  for (int y = 8; y < 24; ++y) {
    int width = 0;
    while (width < 32 && out(width, y) == 3) ++width;
    EXPECT_NEAR(width, y + 2.5, 1) << "each row is about one pixel wider than the one above";
  }
}

TEST(EnlargeLabels, EqualsTheInterpolationOfEveryLabel) {
  const Labels src = random_labels({23, 17}, 4, 1, 1);
  for (int factor : {1, 2, 3, 4, 7}) {
    const Extent full{23 * factor - factor / 2, 17 * factor - factor / 3};
    ASSERT_EQ(shrunk_extent(full, factor), src.extent());
    EXPECT_TRUE(same_pixels(brute_force(src, full, factor), enlarged(src, full, factor))) << factor;
  }
}

TEST(EnlargeLabels, LeavesOneLabelAloneAndCopiesAtFactorOne) {
  const Labels all({4, 3}, 8), some = random_labels({40, 30}, 9, 1, 2);
  EXPECT_TRUE(same_pixels(enlarged(all, {20, 15}, 5), Labels({20, 15}, 8)));
  EXPECT_TRUE(same_pixels(enlarged(some, {40, 30}, 1), some));
}

TEST(EnlargeLabels, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const Labels src = random_labels({41, 67}, 6, 1, 3), want = enlarged(src, {123, 201}, 3);
  testing::for_thread_counts([&] {
    testing::Framed<std::uint32_t> in(src), out(Labels({123, 201}, 1));
    CpuQueue q;
    enlarge_labels(q, in.view(), out.view(), 3);
    EXPECT_TRUE(same_pixels(want, out.pixels()));
    EXPECT_TRUE(out.surroundings_untouched());
  });
}

TEST(EnlargeLabels, RefusesWrongSizesAndTakesEmptyPlanes) {
  Labels a({4, 4}, 1), b({8, 9});
  CpuQueue q;
  EXPECT_THROW(enlarge_labels(q, a.view(), b.view(), 2), InvalidArgument);
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(enlarge_labels(q, {nullptr, shrunk_extent(e, 2), 1}, {nullptr, e, e.width}, 2));
}

}  // namespace
}  // namespace hexaplex
