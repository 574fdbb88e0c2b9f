#include "kernels/resample/shrink.h"

#include <gtest/gtest.h>

#include "kernels/runtime/error.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using Image = HostPlane<std::uint16_t>;

Image shrunk(const Image& src, int factor) {
  Image out(shrunk_extent(src.extent(), factor));
  CpuQueue q;
  shrink(q, src.view(), out.view(), factor);
  return out;
}

TEST(Shrink, TakesTheRoundedMeanOfEachSquare) {
  Image src({3, 3}, 0);
  src(0, 0) = 65535, src(1, 0) = 65535, src(0, 1) = 65534, src(1, 1) = 65533;  // mean 65534.25
  src(2, 0) = 1, src(2, 1) = 2;                                                // cut by the edge: mean 1.5
  src(0, 2) = 3, src(1, 2) = 3, src(2, 2) = 7;
  const Image out = shrunk(src, 2);
  ASSERT_EQ(out.extent(), (Extent{2, 2}));
  EXPECT_EQ(out(0, 0), 65534);
  EXPECT_EQ(out(1, 0), 2);
  EXPECT_EQ(out(0, 1), 3);
  EXPECT_EQ(out(1, 1), 7);
}

TEST(Shrink, EqualsTheMeanInDoubles) {
  const Image src = testing::random_plane<std::uint16_t>({131, 77}, 1);
  for (int factor : {1, 2, 3, 7, 64, 200}) {
    const Image out = shrunk(src, factor);
    for (int y = 0; y < out.height(); ++y)
      for (int x = 0; x < out.width(); ++x) {
        double sum = 0;
        int n = 0;
        for (int v = y * factor; v < std::min((y + 1) * factor, src.height()); ++v)
          for (int u = x * factor; u < std::min((x + 1) * factor, src.width()); ++u) sum += src(u, v), ++n;
        ASSERT_EQ(out(x, y), static_cast<int>(sum / n + 0.5)) << factor;
      }
  }
}

TEST(Shrink, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const Image src = testing::random_plane<std::uint16_t>({130, 211}, 2), want = shrunk(src, 3);
  testing::for_thread_counts([&] {
    testing::Framed<std::uint16_t> in(src), out(Image(want.extent(), 1));
    CpuQueue q;
    shrink(q, in.view(), out.view(), 3);
    EXPECT_TRUE(testing::same_pixels(want, out.pixels()));
    EXPECT_TRUE(out.surroundings_untouched());
  });
}

TEST(Shrink, RefusesWrongSizesAndFactors) {
  Image a({4, 4}, 1), b({2, 2}), c({3, 2});
  CpuQueue q;
  EXPECT_NO_THROW(shrink(q, a.view(), b.view(), 2));
  EXPECT_THROW(shrink(q, a.view(), c.view(), 2), InvalidArgument);
  EXPECT_THROW(shrink(q, a.view(), a.view(), 1), InvalidArgument);
  EXPECT_THROW(shrunk_extent({4, 4}, 0), InvalidArgument);
  EXPECT_THROW(shrunk_extent({4, 4}, 257), InvalidArgument);
}

TEST(Shrink, TakesEmptyPlanes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(shrink(q, {nullptr, e, e.width}, {nullptr, shrunk_extent(e, 2), 1}, 2));
}

}  // namespace
}  // namespace hexaplex
