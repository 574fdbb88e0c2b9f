#include "core/image/thumbnails.h"

#include <gtest/gtest.h>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

HostPlane<float> ramp(Extent extent) {
  HostPlane<float> plane(extent);
  for (int y = 0; y < extent.height; ++y)
    for (int x = 0; x < extent.width; ++x) plane(x, y) = static_cast<float>(100 * y + x);
  return plane;
}

TEST(Thumbnails, AverageSquaresAsComputedByHand) {
  const HostPlane<float> plane = ramp({5, 3});
  Thumbnails t(Extent{5, 3}, 2, 1);
  t.add({0, 0, 5, 3}, std::vector<Plane<const float>>{plane.view()});
  const auto picture = t.channel(0);
  EXPECT_EQ(picture.extent, (Extent{3, 2}));
  EXPECT_EQ(picture(0, 0), 50.5f);   // 0, 1, 100, 101
  EXPECT_EQ(picture(2, 0), 54.0f);   // 4, 104
  EXPECT_EQ(picture(0, 1), 200.5f);  // 200, 201
  EXPECT_EQ(picture(2, 1), 204.0f);  // 204
}

TEST(Thumbnails, DoNotDependOnTheParts) {
  const HostPlane<float> plane = ramp({50, 40});
  Thumbnails whole(Extent{50, 40}, 3, 1), parts(Extent{50, 40}, 3, 1);
  whole.add({0, 0, 50, 40}, std::vector<Plane<const float>>{plane.view()});
  for (const Rect r : {Rect{30, 0, 20, 21}, {0, 0, 30, 21}, {0, 21, 9, 19}, {9, 21, 41, 19}})
    parts.add(r, std::vector<Plane<const float>>{plane.view().window(r)});
  for (int y = 0; y < 14; ++y)
    for (int x = 0; x < 17; ++x) EXPECT_EQ(whole.channel(0)(x, y), parts.channel(0)(x, y));
}

TEST(Thumbnails, RefusePartsThatCutSquares) {
  const HostPlane<float> plane({10, 10}, 1.0f);
  Thumbnails t(Extent{20, 20}, 4, 1);
  for (const Rect r : {Rect{0, 0, 10, 8}, {2, 0, 10, 8}, {0, 0, 8, 10}})
    EXPECT_THROW(t.add(r, std::vector<Plane<const float>>{plane.view().window({0, 0, r.width, r.height})}),
                 InvalidArgument);
  EXPECT_THROW(t.add({0, 0, 8, 8}, {}), InvalidArgument);
}

// 3 x 3 squares; the piece begins and ends within some, and what it leaves of them is 0.
TEST(Thumbnails, CountWhatLiesOutsideThePiecesAsDark) {
  const TissueArea area({400, 10}, {{200, 2, 7, 5}});
  const HostPlane<float> plane({7, 5}, 9.0f);
  Thumbnails t(area, 3, 1);
  for (const Rect r : {Rect{200, 2, 1, 5}, {201, 2, 6, 1}, {201, 3, 6, 4}})
    t.add(r, std::vector<Plane<const float>>{plane.view().window({r.x - 200, r.y - 2, r.width, r.height})});
  const auto picture = t.channel(0);
  EXPECT_EQ(picture(66, 0), 1.0f);  // one pixel of nine
  EXPECT_EQ(picture(67, 0), 3.0f);
  EXPECT_EQ(picture(67, 1), 9.0f);
  EXPECT_EQ(picture(68, 2), 3.0f);
  EXPECT_EQ(picture(65, 1), 0.0f);
  EXPECT_EQ(picture(69, 1), 0.0f);
  EXPECT_THROW(t.add({198, 3, 3, 3}, std::vector<Plane<const float>>{plane.view().window({0, 0, 3, 3})}),
               InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
