#include "kernels/morphology/open_mask.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "kernels/runtime/error.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"
#if HEXAPLEX_HAS_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace hexaplex {
namespace {

using testing::Mask;
using testing::random_mask;
using testing::same_pixels;

Mask opened(const Mask& src, int radius) {
  Mask out = src.copy();
  CpuQueue q;
  open_mask(q, out.view(), radius);
  return out;
}

/// The definition: all (any) pixels of the diamond that lie inside the image.
Mask over_diamond(const Mask& src, int radius, bool all) {
  Mask out(src.extent());
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) {
      bool v = all;
      for (int j = std::max(0, y - radius); j <= std::min(src.height() - 1, y + radius); ++j)
        for (int i = std::max(0, x - radius); i <= std::min(src.width() - 1, x + radius); ++i)
          if (std::abs(i - x) + std::abs(j - y) <= radius) v = all ? v && src(i, j) != 0 : v || src(i, j) != 0;
      out(x, y) = v ? 1 : 0;
    }
  return out;
}

TEST(OpenMask, RemovesSpecksAndThreadsAndKeepsDiamonds) {
  Mask src({12, 9}, 0), want({12, 9}, 0);
  for (int i = 0; i < 12; ++i) src(i, 7) = 1;               // a thread
  for (int k = 1; k <= 3; ++k) src(k, 2) = want(k, 2) = 1;  // a diamond of radius 1
  src(2, 1) = want(2, 1) = src(2, 3) = want(2, 3) = 1;
  src(7, 2) = src(8, 2) = src(7, 3) = src(8, 3) = 1;  // a square of two: no diamond fits
  EXPECT_TRUE(same_pixels(want, opened(src, 1)));
}

TEST(OpenMask, TreatsTheOutsideAsTheEdge) {
  EXPECT_TRUE(same_pixels(Mask({5, 4}, 1), opened(Mask({5, 4}, 1), 3)));
  EXPECT_TRUE(same_pixels(Mask({5, 4}, 0), opened(Mask({5, 4}, 0), 3)));
  Mask corner({6, 6}, 0);
  corner(0, 0) = corner(1, 0) = corner(0, 1) = 1;
  EXPECT_TRUE(same_pixels(corner, opened(corner, 1)));
}

TEST(OpenMask, EqualsBruteForceOnEveryShapeAndDensity) {
  for (const Extent e : testing::kEdgeShapes)
    for (double density : {0.5, 0.9, 0.98})
      for (int radius : {0, 1, 2, 5}) {
        const Mask src = random_mask(e, density, 1);
        EXPECT_TRUE(same_pixels(over_diamond(over_diamond(src, radius, true), radius, false), opened(src, radius)))
            << e.width << " x " << e.height << ", density " << density << ", radius " << radius;
      }
}

#if HEXAPLEX_HAS_OPENCV
TEST(OpenMask, EqualsOpenCv) {
  for (int radius : {1, 2, 3, 7}) {
    const Mask src = random_mask({203, 117}, 0.97, 2);
    Mask diamond({2 * radius + 1, 2 * radius + 1}), want(src.extent());
    for (int y = 0; y <= 2 * radius; ++y)
      for (int x = 0; x <= 2 * radius; ++x)
        diamond(x, y) = std::abs(x - radius) + std::abs(y - radius) <= radius ? 1 : 0;
    const auto mat = [](const Mask& m) {
      return cv::Mat(m.height(), m.width(), CV_8U, const_cast<std::uint8_t*>(m.data()));
    };
    cv::Mat eroded, dilated;
    cv::erode(mat(src), eroded, mat(diamond));
    cv::dilate(eroded, dilated, mat(diamond));
    dilated.copyTo(mat(want));
    EXPECT_TRUE(same_pixels(want, opened(src, radius))) << radius;
  }
}
#endif

TEST(OpenMask, GivesTheSamePixelsInTilesOfAnySize) {
  const Mask src = random_mask({150, 101}, 0.93, 3);
  for (int radius : {1, 3})
    for (int tile : {16, 37, 64})
      EXPECT_TRUE(same_pixels(
          opened(src, radius),
          testing::in_tiles<std::uint8_t>(src, tile, 2 * radius, [&](const Mask& w) { return opened(w, radius); })));
}

TEST(OpenMask, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const Mask src = random_mask({97, 333}, 0.9, 4), want = opened(src, 2);
  testing::for_thread_counts([&] {
    testing::Framed<std::uint8_t> mask(src);
    CpuQueue q;
    open_mask(q, mask.view(), 2);
    EXPECT_TRUE(same_pixels(want, mask.pixels()));
    EXPECT_TRUE(mask.surroundings_untouched());
  });
}

TEST(OpenMask, TakesEmptyPlanesAndRejectsRadii) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes) EXPECT_NO_THROW(open_mask(q, {nullptr, e, e.width}, 2));
  Mask mask({4, 4}, 1);
  for (int radius : {-1, 65}) EXPECT_THROW(open_mask(q, mask.view(), radius), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
