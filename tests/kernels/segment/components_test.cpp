#include "kernels/segment/components.h"

#include <gtest/gtest.h>

#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"
#if HEXAPLEX_HAS_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace hexaplex {
namespace {

using testing::flood_fill;
using testing::Labels;
using testing::Mask;
using testing::random_labels;
using testing::random_mask;
using testing::same_pixels;

/// Paints components 1 .. count, and checks what else the struct promises on the way.
Labels painted(const Components& c, Extent extent) {
  Labels out(extent, 0);
  HostVector<std::int64_t> area(c.count(), 0);
  EXPECT_EQ(c.component.size(), c.runs.size());
  EXPECT_EQ(c.first_run.size(), c.count());
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    const Run& r = c.runs[i];
    EXPECT_LT(r.x0, r.x1);
    const Run& before = c.runs[i > 0 ? i - 1 : 0];
    EXPECT_TRUE(i == 0 || before.y < r.y || (before.y == r.y && before.x1 <= r.x0)) << "raster order";
    for (int x = r.x0; x < r.x1; ++x) out(x, r.y) = c.component[i] + 1;
    area[c.component[i]] += r.x1 - r.x0;
  }
  EXPECT_EQ(area, c.area_px);
  for (std::size_t k = 0; k < c.count(); ++k) EXPECT_EQ(c.component[c.first_run[k]], k);
  return out;
}

Labels as_labels(const Mask& mask, std::uint8_t value) {
  Labels out(mask.extent());
  for (std::int64_t i = 0; i < mask.extent().area(); ++i) out.data()[i] = mask.data()[i] == value ? 1 : 0;
  return out;
}

Components of_mask(const Mask& mask, std::uint8_t value) {
  CpuQueue q;
  return mask_components(q, mask.view(), value);
}
Components of_labels(const Labels& labels) {
  CpuQueue q;
  return label_components(q, labels.view());
}

TEST(Components, AreNumberedByTheirFirstRasterPixel) {
  //  . # . #     the first piece is a U whose left arm comes second
  //  # # . #
  Mask mask({4, 3}, 0);
  mask(1, 0) = mask(3, 0) = mask(0, 1) = mask(1, 1) = mask(3, 1) = mask(3, 2) = 1;
  const Components c = of_mask(mask, 1);
  ASSERT_EQ(c.count(), 2u);
  EXPECT_EQ(c.area_px[0], 3);
  EXPECT_EQ(c.area_px[1], 3);
  EXPECT_EQ(c.runs[c.first_run[1]].x0, 3);
  mask(2, 2) = 1;  // a corner does not join
  EXPECT_EQ(of_mask(mask, 1).count(), 2u);
  mask(1, 2) = 1;  // now the two are one
  EXPECT_EQ(of_mask(mask, 1).count(), 1u);
  EXPECT_EQ(of_mask(mask, 0).count(), 3u);
}

TEST(Components, EqualFloodFillOnEveryShapeAndDensity) {
  for (const Extent e : testing::kEdgeShapes)
    for (double density : {0.0, 0.1, 0.4, 0.59, 0.8, 0.99, 1.0}) {  // 0.59: where 4-connected masks percolate
      const Mask mask = random_mask(e, density, 1);
      for (std::uint8_t value : {0, 1})
        EXPECT_TRUE(same_pixels(flood_fill(as_labels(mask, value)), painted(of_mask(mask, value), e)))
            << e.width << " x " << e.height << ", density " << density << ", value " << +value;
    }
}

TEST(Components, EqualFloodFillOverManyBands) {
  for (double density : {0.55, 0.62, 0.7}) {
    const Mask mask = random_mask({170, 700}, density, 2);
    EXPECT_TRUE(same_pixels(flood_fill(as_labels(mask, 1)), painted(of_mask(mask, 1), mask.extent())));
  }
}

TEST(Components, OfLabelsJoinEqualNeighboursOnly) {
  for (const Extent e : testing::kEdgeShapes)
    for (std::uint32_t most : {1u, 2u, 5u, 100u})
      for (int grain : {1, 3}) {
        const Labels labels = random_labels(e, most, grain, 3);
        const Components c = of_labels(labels);
        EXPECT_TRUE(same_pixels(flood_fill(labels), painted(c, e)));
        for (const auto& r : c.runs) ASSERT_EQ(r.value, labels(r.x0, r.y));
      }
}

TEST(Components, FollowASpiralAndACombToTheEnd) {
  Mask comb({301, 400}, 0);
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 301; x += 2) comb(x, y) = 1;
  for (int x = 0; x < 301; ++x) comb(x, 399) = 1;  // joined in the last row alone
  EXPECT_EQ(of_mask(comb, 1).count(), 1u);
  EXPECT_EQ(of_mask(comb, 0).count(), 150u);
}

#if HEXAPLEX_HAS_OPENCV
TEST(Components, EqualOpenCvUpToNames) {
  for (double density : {0.3, 0.6, 0.75}) {
    const Mask mask = random_mask({223, 181}, density, 4);
    cv::Mat theirs, stats, centres;
    const int count = cv::connectedComponentsWithStats(
        cv::Mat(mask.height(), mask.width(), CV_8U, const_cast<std::uint8_t*>(mask.data())), theirs, stats, centres, 4);
    const Components c = of_mask(mask, 1);
    ASSERT_EQ(c.count(), static_cast<std::size_t>(count - 1));
    const Labels ours = painted(c, mask.extent());
    std::vector<int> name(c.count() + 1, -1);
    for (int y = 0; y < mask.height(); ++y)
      for (int x = 0; x < mask.width(); ++x) {
        int& known = name[ours(x, y)];
        if (known < 0) known = theirs.at<int>(y, x);
        ASSERT_EQ(known, theirs.at<int>(y, x)) << x << ", " << y;
      }
    for (std::size_t k = 0; k < c.count(); ++k) EXPECT_EQ(c.area_px[k], stats.at<int>(name[k + 1], cv::CC_STAT_AREA));
  }
}
#endif

TEST(Components, AreTheSameForAnyThreadCountAndPitch) {
  const Mask mask = random_mask({95, 640}, 0.6, 5);
  const Labels labels = random_labels({95, 640}, 3, 2, 6);
  const Labels want_mask = flood_fill(as_labels(mask, 1)), want_labels = flood_fill(labels);
  testing::for_thread_counts([&] {
    testing::Framed<std::uint8_t> m(mask, 1);
    testing::Framed<std::uint32_t> l(labels, 1);
    CpuQueue q;
    EXPECT_TRUE(same_pixels(want_mask, painted(mask_components(q, m.view(), 1), mask.extent())));
    EXPECT_TRUE(same_pixels(want_labels, painted(label_components(q, l.view()), labels.extent())));
  });
}

TEST(Components, OfAnEmptyPlaneAreNone) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes) {
    EXPECT_EQ(mask_components(q, {nullptr, e, e.width}, 1).count(), 0u);
    EXPECT_EQ(mask_components(q, {nullptr, e, e.width}, 0).count(), 0u);
    EXPECT_EQ(label_components(q, {nullptr, e, e.width}).count(), 0u);
  }
}

}  // namespace
}  // namespace hexaplex
