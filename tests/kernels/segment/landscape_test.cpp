#include "kernels/segment/landscape.h"

#include <gtest/gtest.h>

#include "kernels/runtime/error.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Labels;
using testing::Mask;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;
using Response = HostPlane<std::int16_t>;

TEST(BlobLandscape, TakesTheStrongerBlobLessTheWall) {
  Response fine({4, 1}), coarse({4, 1});
  Pixels wall({4, 1}), dst({4, 1});
  fine(0, 0) = 100, coarse(0, 0) = -5, wall(0, 0) = 0;
  fine(1, 0) = -300, coarse(1, 0) = 200, wall(1, 0) = 16384;  // one unit of wall: 8192 at weight 1
  fine(2, 0) = 32767, coarse(2, 0) = 0, wall(2, 0) = 0;
  fine(3, 0) = -32768, coarse(3, 0) = -32768, wall(3, 0) = 65535;  // clamps at 0
  CpuQueue q;
  blob_landscape(q, fine.view(), coarse.view(), wall.view(), 1, dst.view());
  const int with_wall[] = {32868, 32768 + 200 - 8192, 65535, 0};
  for (int x = 0; x < 4; ++x) EXPECT_EQ(dst(x, 0), with_wall[x]) << x;
  blob_landscape(q, fine.view(), coarse.view(), wall.view(), 0.5, dst.view());
  EXPECT_EQ(dst(1, 0), 32768 + 200 - 4096);
  blob_landscape(q, fine.view(), coarse.view(), {}, 1, dst.view());
  EXPECT_EQ(dst(1, 0), 32968);
  EXPECT_EQ(dst(3, 0), 0);
}

TEST(Landscape, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const auto fine = random_plane<std::int16_t>({77, 130}, 1), coarse = random_plane<std::int16_t>({77, 130}, 2);
  const auto wall = random_plane<std::uint16_t>({77, 130}, 3);
  Pixels want(fine.extent());
  for (int y = 0; y < want.height(); ++y)
    for (int x = 0; x < want.width(); ++x) {
      const int v = 32768 + std::max(fine(x, y), coarse(x, y)) - ((wall(x, y) + 2) >> 2);  // weight 0.5: a quarter
      want(x, y) = static_cast<std::uint16_t>(std::clamp(v, 0, 65535));
    }
  testing::for_thread_counts([&] {
    testing::Framed<std::int16_t> f(fine), c(coarse);
    testing::Framed<std::uint16_t> w(wall), out(Pixels(fine.extent(), 1));
    CpuQueue q;
    blob_landscape(q, f.view(), c.view(), w.view(), 0.5, out.view());
    EXPECT_TRUE(same_pixels(want, out.pixels()));
    EXPECT_TRUE(out.surroundings_untouched());
  });
}

TEST(Landscape, CapsAndRestricts) {
  Pixels image({3, 1});
  image(0, 0) = 4, image(1, 0) = 5, image(2, 0) = 65535;
  Mask mask({3, 1}, 1), keep({3, 1}, 1);
  keep(1, 0) = 0, mask(2, 0) = 0;
  CpuQueue q;
  cap(q, image.view(), 5);
  restrict_mask(q, mask.view(), keep.view());
  EXPECT_EQ(image(0, 0), 4);
  EXPECT_EQ(image(1, 0), 5);
  EXPECT_EQ(image(2, 0), 5);
  EXPECT_EQ(mask(0, 0), 1);
  EXPECT_EQ(mask(1, 0), 0);
  EXPECT_EQ(mask(2, 0), 0);
}

TEST(KeepAboveFraction, KeepsWhatIsBrightForItsObjectUnderItsNewName) {
  // Trough 100 everywhere. Object 1 has level 300, so half way is 200; object 2 has level 120, half way is 110.
  const LevelGrid trough{1, Pixels({6, 1}, 100)};
  Pixels image({6, 1});
  const int values[] = {200, 201, 300, 110, 111, 50};
  for (int x = 0; x < 6; ++x) image(x, 0) = static_cast<std::uint16_t>(values[x]);
  Labels labels({4, 1});
  labels(0, 0) = 1, labels(1, 0) = 0, labels(2, 0) = 2, labels(3, 0) = 2;
  CpuQueue q;
  keep_above_fraction(q, image.view(), trough, std::vector<std::uint16_t>{0, 300, 120},
                      std::vector<std::uint32_t>{0, 7, 3}, 0.5, {1, 0, 4, 1}, labels.view());
  EXPECT_EQ(labels(0, 0), 7u);  // 201 > 200
  EXPECT_EQ(labels(1, 0), 0u);
  EXPECT_EQ(labels(2, 0), 0u);  // 110 is not above 110
  EXPECT_EQ(labels(3, 0), 3u);
}

TEST(Landscape, RejectsWhatItsContractExcludes) {
  CpuQueue q;
  Response a({4, 3}), b({3, 4});
  Pixels dst({4, 3}), other({3, 4});
  Mask mask({4, 3}, 1), keep({3, 4}, 1);
  EXPECT_THROW(blob_landscape(q, b.view(), a.view(), {}, 0.5, dst.view()), InvalidArgument);
  EXPECT_THROW(blob_landscape(q, a.view(), b.view(), {}, 0.5, dst.view()), InvalidArgument);
  EXPECT_THROW(blob_landscape(q, a.view(), a.view(), other.view(), 0.5, dst.view()), InvalidArgument);
  for (double w : {-0.1, 2.1}) EXPECT_THROW(blob_landscape(q, a.view(), a.view(), {}, w, dst.view()), InvalidArgument);
  EXPECT_THROW(restrict_mask(q, mask.view(), keep.view()), InvalidArgument);
  Labels labels({4, 3}, 0);
  const LevelGrid trough{1, Pixels({4, 3}, 0)};
  EXPECT_THROW(keep_above_fraction(q, dst.view(), trough, std::vector<std::uint16_t>{0},
                                   std::vector<std::uint32_t>{0, 1}, 0.5, {0, 0, 4, 3}, labels.view()),
               InvalidArgument);
  EXPECT_THROW(keep_above_fraction(q, dst.view(), trough, std::vector<std::uint16_t>{0}, std::vector<std::uint32_t>{0},
                                   0.5, {0, 0, 3, 3}, labels.view()),
               InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
