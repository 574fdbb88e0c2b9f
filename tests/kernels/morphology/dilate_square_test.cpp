#include "kernels/morphology/dilate_square.h"

#include <gtest/gtest.h>

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

Mask dilated(const Mask& src, int radius) {
  Mask out(src.extent(), 7);
  CpuQueue q;
  dilate_square(q, src.view(), out.view(), radius);
  return out;
}

TEST(DilateSquare, SpreadsOnePixelAsComputedByHand) {
  Mask src({7, 5}, 0), want({7, 5}, 0);
  src(1, 3) = 1;
  for (int y = 1; y <= 4; ++y)
    for (int x = 0; x <= 3; ++x) want(x, y) = 1;
  EXPECT_TRUE(same_pixels(want, dilated(src, 2)));
  EXPECT_TRUE(same_pixels(src, dilated(src, 0)));
}

TEST(DilateSquare, EqualsBruteForceOnEveryShape) {
  for (const Extent e : testing::kEdgeShapes)
    for (int radius : {0, 1, 4, 200}) {
      const Mask src = random_mask(e, 0.02, 1);
      Mask want(e, 0);
      for (int y = 0; y < e.height; ++y)
        for (int x = 0; x < e.width; ++x)
          if (src(x, y) != 0)
            for (int j = std::max(0, y - radius); j <= std::min(e.height - 1, y + radius); ++j)
              for (int i = std::max(0, x - radius); i <= std::min(e.width - 1, x + radius); ++i) want(i, j) = 1;
      EXPECT_TRUE(same_pixels(want, dilated(src, radius))) << e.width << " x " << e.height << ", radius " << radius;
    }
}

#if HEXAPLEX_HAS_OPENCV
TEST(DilateSquare, EqualsOpenCv) {
  const Mask src = random_mask({211, 113}, 0.01, 2);
  for (int radius : {1, 3, 10}) {
    Mask want(src.extent());
    cv::Mat out(src.height(), src.width(), CV_8U, want.data());
    cv::dilate(cv::Mat(src.height(), src.width(), CV_8U, const_cast<std::uint8_t*>(src.data())), out,
               cv::Mat::ones(2 * radius + 1, 2 * radius + 1, CV_8U));
    EXPECT_TRUE(same_pixels(want, dilated(src, radius)));
  }
}
#endif

TEST(DilateSquare, GivesTheSamePixelsInTilesAndForAnyThreadCount) {
  const Mask src = random_mask({150, 101}, 0.01, 3), want = dilated(src, 4);
  for (int tile : {16, 37, 64})
    EXPECT_TRUE(
        same_pixels(want, testing::in_tiles<std::uint8_t>(src, tile, 4, [](const Mask& w) { return dilated(w, 4); })));
  testing::for_thread_counts([&] {
    testing::Framed<std::uint8_t> in(src), out(Mask(src.extent(), 9));
    CpuQueue q;
    dilate_square(q, in.view(), out.view(), 4);
    EXPECT_TRUE(same_pixels(want, out.pixels()));
    EXPECT_TRUE(out.surroundings_untouched());
  });
}

TEST(DilateSquare, TakesEmptyPlanesAndRejectsWhatItsContractExcludes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(dilate_square(q, {nullptr, e, e.width}, {nullptr, e, e.width}, 2));
  Mask a({4, 4}, 1), b({4, 4}), c({4, 5});
  for (int radius : {-1, 1025}) EXPECT_THROW(dilate_square(q, a.view(), b.view(), radius), InvalidArgument);
  EXPECT_THROW(dilate_square(q, a.view(), c.view(), 1), InvalidArgument);
  EXPECT_THROW(dilate_square(q, a.view(), a.view(), 1), InvalidArgument) << "in place";
}

}  // namespace
}  // namespace hexaplex
