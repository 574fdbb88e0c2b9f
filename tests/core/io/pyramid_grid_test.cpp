#include "core/io/pyramid_grid.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace hexaplex {
namespace {

TEST(PyramidGrid, LevelsHalveUntilOneTileHoldsAll) {
  EXPECT_EQ((PyramidGrid{{1, 1}}.levels()), 1);
  EXPECT_EQ((PyramidGrid{{512, 512}}.levels()), 1);
  EXPECT_EQ((PyramidGrid{{513, 1}}.levels()), 2);
  const PyramidGrid grid{{1301, 777}};
  EXPECT_EQ(grid.levels(), 3);
  EXPECT_EQ(grid.extent(1), (Extent{651, 389}));
  EXPECT_EQ(grid.extent(2), (Extent{326, 195}));
  EXPECT_EQ(grid.tiles(0), (Extent{3, 2}));
  EXPECT_EQ(grid.pixels({0, 2, 1}), (Rect{1024, 512, 277, 265}));
  EXPECT_EQ(grid.index({0, 2, 1}), 5u);
  EXPECT_TRUE(grid.holds({1, 1, 0}));
  EXPECT_FALSE(grid.holds({1, 1, 1}));
}

TEST(PyramidGrid, AWidthNearTheLargestInt) {
  const PyramidGrid grid{{2147483647, 1}};
  EXPECT_EQ(grid.extent(1), (Extent{1073741824, 1}));
  EXPECT_EQ(grid.tiles(0), (Extent{4194304, 1}));
  EXPECT_EQ(grid.levels(), 23);
  EXPECT_EQ(grid.pixels({0, 4194303, 0}), (Rect{2147483136, 0, 511, 1}));
}

TEST(PyramidGrid, ATileFollowsThoseItIsMadeOf) {
  const PyramidGrid grid{{1100, 600}};  // 3 x 2 tiles, 2 x 1, 1
  std::vector<std::tuple<int, int, int>> order;
  for (const PyramidTile t : grid.subtree({2, 0, 0})) order.emplace_back(t.level, t.x, t.y);
  const std::vector<std::tuple<int, int, int>> expected{{0, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 1, 1}, {1, 0, 0},
                                                        {0, 2, 0}, {0, 2, 1}, {1, 1, 0}, {2, 0, 0}};
  EXPECT_EQ(order, expected);
}

TEST(PyramidGrid, EveryTileOnce) {
  const PyramidGrid grid{{5000, 1700}};
  std::set<std::tuple<int, int, int>> seen;
  for (const PyramidTile t : grid.subtree({grid.levels() - 1, 0, 0}))
    EXPECT_TRUE(seen.emplace(t.level, t.x, t.y).second) << t.level << ' ' << t.x << ' ' << t.y;
  std::int64_t all = 0;
  for (int l = 0; l < grid.levels(); ++l) all += grid.tiles(l).area();
  EXPECT_EQ(static_cast<std::int64_t>(seen.size()), all);
}

}  // namespace
}  // namespace hexaplex
