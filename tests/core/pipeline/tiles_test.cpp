#include "core/image/tiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

TEST(Tiles, AreCutAsComputedByHand) {
  const std::vector<Tile> tiles = make_tiles({250, 100}, 100, 10);
  ASSERT_EQ(tiles.size(), 3u);
  EXPECT_EQ(tiles[0].core, (Rect{0, 0, 100, 100}));
  EXPECT_EQ(tiles[0].window, (Rect{0, 0, 110, 100}));
  EXPECT_EQ(tiles[1].core, (Rect{100, 0, 100, 100}));
  EXPECT_EQ(tiles[1].window, (Rect{64, 0, 146, 100}));  // from 90 down to a multiple of 64
  EXPECT_EQ(tiles[1].core_in_window(), (Rect{36, 0, 100, 100}));
  EXPECT_EQ(tiles[2].core, (Rect{200, 0, 50, 100}));
  EXPECT_EQ(tiles[2].window, (Rect{128, 0, 122, 100}));
}

TEST(Tiles, CoverTheImageOnceInAlignedWindowsThatHoldTheHalo) {
  for (const Extent e : {Extent{1, 1}, {1, 300}, {300, 1}, {64, 64}, {333, 210}, {1000, 17}})
    for (int side : {0, 16, 64, 100, 5000})
      for (int halo : {0, 1, 63, 64, 65, 2000}) {
        HostPlane<std::uint8_t> seen(e, 0);
        for (const Tile& t : make_tiles(e, side, halo)) {
          EXPECT_EQ(t.window.x % kTileAlignment, 0);
          EXPECT_EQ(t.window.y % kTileAlignment, 0);
          EXPECT_LE(t.window.x, std::max(0, t.core.x - halo));
          EXPECT_LE(t.window.y, std::max(0, t.core.y - halo));
          EXPECT_EQ(t.window.right(), std::min(e.width, t.core.right() + halo));
          EXPECT_EQ(t.window.bottom(), std::min(e.height, t.core.bottom() + halo));
          for (int y = t.core.y; y < t.core.bottom(); ++y)
            for (int x = t.core.x; x < t.core.right(); ++x) ++seen(x, y);
        }
        for (std::int64_t i = 0; i < e.area(); ++i)
          ASSERT_EQ(seen.data()[i], 1) << "side " << side << ", halo " << halo;
      }
}

TEST(Tiles, OfAnEmptyImageAreNone) {
  for (const Extent e : {Extent{0, 0}, {0, 9}, {9, 0}}) EXPECT_TRUE(make_tiles(e, 64, 3).empty());
}

TEST(Tiles, RejectSidesAndHalosOutOfRange) {
  for (int side : {-1, 1, 15}) EXPECT_THROW(make_tiles({100, 100}, side, 0), InvalidArgument) << side;
  EXPECT_THROW(make_tiles({100, 100}, 64, -1), InvalidArgument);
}

// --- reading windows

TEST(ReadingWindows, CoverTheImageOnceInWholeBlocks) {
  for (const Extent image : {Extent{1000, 700}, {513, 1}, {1, 900}, {512, 512}})
    for (const Extent block : {Extent{256, 256}, {1000, 16}, {64, 32}, {0, 0}})
      for (std::int64_t most : {1, 100000, 3000000, 1 << 30}) {
        std::vector<int> seen(static_cast<std::size_t>(image.area()), 0);
        for (const Rect& r : reading_windows(image, block, 16, most)) {
          if (block.width > 0 && block.width < image.width) {
            EXPECT_EQ(r.x % block.width, 0);
          }
          EXPECT_EQ(r.y % std::max(block.height, 1), 0);
          for (int y = r.y; y < r.bottom(); ++y)
            for (int x = r.x; x < r.right(); ++x) ++seen[static_cast<std::size_t>(y) * image.width + x];
        }
        EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), image.area());
      }
}

TEST(ReadingWindows, KeepToTheirSizeUnlessOneBlockIsMore) {
  const std::int64_t most = 4 << 20;
  for (const Rect& r : reading_windows({40000, 3000}, {512, 512}, 16, most)) EXPECT_LE(r.area() * 16, most);
  for (const Rect& r : reading_windows({40000, 3000}, {40000, 4}, 16, most)) EXPECT_LE(r.area() * 16, most);
  EXPECT_EQ(reading_windows({40000, 3000}, {512, 512}, 16, 1).front(), (Rect{0, 0, 512, 512}));
  EXPECT_TRUE(reading_windows({0, 5}, {512, 512}, 16, most).empty());
}

}  // namespace
}  // namespace hexaplex
