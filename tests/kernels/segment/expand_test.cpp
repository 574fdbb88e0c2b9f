#include "kernels/segment/expand.h"

#include <gtest/gtest.h>

#include <limits>

#include "kernels/runtime/error.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"
#if HEXAPLEX_HAS_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace hexaplex {
namespace {

using testing::Labels;
using testing::same_pixels;

Labels expanded(const Labels& src, double distance_px) {
  Labels out(src.extent(), 0xdead);
  CpuQueue q;
  expand_labels(q, src.view(), out.view(), {distance_px});
  return out;
}

/// Nearest labelled pixel within the distance, ties to the lower label: all pixels looked at.
Labels brute_force(const Labels& src, double distance_px) {
  Labels out(src.extent(), 0);
  const int reach = static_cast<int>(distance_px);
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) {
      int best = std::numeric_limits<int>::max();
      for (int v = std::max(0, y - reach); v <= std::min(src.height() - 1, y + reach); ++v)
        for (int u = std::max(0, x - reach); u <= std::min(src.width() - 1, x + reach); ++u) {
          const int d = (u - x) * (u - x) + (v - y) * (v - y);
          if (src(u, v) == 0 || d > distance_px * distance_px) continue;
          if (d < best || (d == best && src(u, v) < out(x, y))) best = d, out(x, y) = src(u, v);
        }
    }
  return out;
}

/// Single labelled pixels, the given share of them.
Labels seeds(Extent e, double density, std::uint32_t most, unsigned seed) {
  Labels out(e, 0);
  std::mt19937 random(seed);
  for (std::int64_t i = 0; i < e.area(); ++i)
    if (random() < density * 4294967296.0) out.data()[i] = 1 + static_cast<std::uint32_t>(random()) % most;
  return out;
}

TEST(Expand, ReachesWhatLiesWithinTheDistance) {
  Labels src({5, 5}, 0);
  src(2, 2) = 9;
  const auto count = [&](double d) {
    int n = 0;
    const Labels out = expanded(src, d);
    for (int i = 0; i < 25; ++i) n += out.data()[i] == 9;
    return n;
  };
  EXPECT_EQ(count(0), 1);
  EXPECT_EQ(count(0.99), 1);
  EXPECT_EQ(count(1), 5);
  EXPECT_EQ(count(1.42), 9);
  EXPECT_EQ(count(2), 13);
  EXPECT_EQ(count(2.3), 21);
  EXPECT_EQ(count(2.9), 25);
}

TEST(Expand, GivesTiesToTheLowerLabel) {
  Labels src({5, 1}, 0);
  src(0, 0) = 4000000000u, src(4, 0) = 7;
  const Labels out = expanded(src, 2);
  EXPECT_EQ(out(1, 0), 4000000000u);
  EXPECT_EQ(out(2, 0), 7u);
  EXPECT_EQ(out(3, 0), 7u);
}

TEST(Expand, EqualsBruteForceOnEveryShapeAndDensity) {
  for (const Extent e : testing::kEdgeShapes)
    for (double density : {0.0, 0.002, 0.05, 0.5, 1.0})
      for (double distance_px : {0.0, 1.0, 1.5, 2.999, 6.2}) {
        const Labels src = seeds(e, density, 5, 1);
        EXPECT_TRUE(same_pixels(brute_force(src, distance_px), expanded(src, distance_px)))
            << e.width << " x " << e.height << ", density " << density << ", distance " << distance_px;
      }
}

TEST(Expand, EqualsBruteForceOverLongDistances) {
  const Labels src = seeds({150, 90}, 0.0005, 90, 2);
  for (double distance_px : {20.0, 41.3, 254.0})
    EXPECT_TRUE(same_pixels(brute_force(src, distance_px), expanded(src, distance_px)));
}

#if HEXAPLEX_HAS_OPENCV
TEST(Expand, CoversWhatOpenCvsDistanceCovers) {
  const Labels src = seeds({211, 173}, 0.003, 50, 3);
  cv::Mat background(src.height(), src.width(), CV_8U), distance;
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) background.at<unsigned char>(y, x) = src(x, y) == 0 ? 1 : 0;
  cv::distanceTransform(background, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  for (double distance_px : {2.1, 5.05, 9.3}) {  // no distance between pixels lies within rounding of these
    const Labels out = expanded(src, distance_px);
    for (int y = 0; y < src.height(); ++y)
      for (int x = 0; x < src.width(); ++x)
        ASSERT_EQ(out(x, y) != 0, distance.at<float>(y, x) <= distance_px) << x << ", " << y;
  }
}
#endif

TEST(Expand, GivesTheSameLabelsInTilesOfAnySize) {
  const Labels src = seeds({160, 111}, 0.01, 30, 4);
  for (double distance_px : {2.1, 7.0})
    for (int tile : {16, 37, 64})
      EXPECT_TRUE(
          same_pixels(expanded(src, distance_px),
                      testing::in_tiles<std::uint32_t>(src, tile, expand_halo({distance_px}),
                                                       [&](const Labels& w) { return expanded(w, distance_px); })));
}

TEST(Expand, CrossesTheBlocksThatItWorksIn) {
  const Labels sparse = seeds({600, 150}, 0.0002, 40, 6), dense = seeds({530, 140}, 0.02, 40, 7);
  for (double distance_px : {1.0, 18.0, 90.5})
    EXPECT_TRUE(same_pixels(brute_force(sparse, distance_px), expanded(sparse, distance_px))) << distance_px;
  EXPECT_TRUE(same_pixels(brute_force(dense, 6.4), expanded(dense, 6.4)));
}

TEST(Expand, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const Labels src = seeds({97, 201}, 0.01, 30, 5), want = brute_force(src, 5);
  testing::for_thread_counts([&] {
    testing::Framed<std::uint32_t> in(src), out(Labels(src.extent(), 1));
    CpuQueue q;
    expand_labels(q, in.view(), out.view(), {5});
    EXPECT_TRUE(same_pixels(want, out.pixels()));
    EXPECT_TRUE(out.surroundings_untouched());
  });
}

TEST(Expand, KnowsItsHalo) {
  EXPECT_EQ(expand_halo({0}), 0);
  EXPECT_EQ(expand_halo({2}), 2);
  EXPECT_EQ(expand_halo({2.1}), 3);
}

TEST(Expand, TakesEmptyPlanesAndRejectsWhatItsContractExcludes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(expand_labels(q, {nullptr, e, e.width}, {nullptr, e, e.width}, {3}));
  Labels a({4, 3}, 1), b({4, 3}), c({3, 4});
  for (double d : {-0.1, 255.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(expand_labels(q, a.view(), b.view(), {d}), InvalidArgument) << d;
  EXPECT_THROW(expand_labels(q, a.view(), c.view(), {1}), InvalidArgument);
  EXPECT_THROW(expand_labels(q, a.view(), a.view(), {1}), InvalidArgument) << "in place";
}

}  // namespace
}  // namespace hexaplex
