#include "core/spatial/drawn_areas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

using Areas = std::vector<std::vector<Ring>>;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Ring box(double x0, double y0, double x1, double y1) {
  return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}};
}

// Every edge asked for every place, with no index.
bool asked_everywhere(const Areas& areas, PlacePx p) {
  for (const std::vector<Ring>& rings : areas) {
    bool inside = false;
    for (const Ring& ring : rings)
      for (std::size_t i = 0; i < ring.size(); ++i) {
        PlacePx a = ring[i], b = ring[(i + 1) % ring.size()];
        if (a.y > b.y) std::swap(a, b);
        if (a.y <= p.y && p.y < b.y && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
      }
    if (inside) return true;
  }
  return false;
}

// Stars with teeth around random centres: rings that cross themselves and each other, and leave the slide.
Areas random_areas(std::mt19937& random, int count, int corners) {
  std::uniform_real_distribution<double> place(-20, 120), radius(1, 60);
  std::uniform_int_distribution<int> whole(0, 1);
  Areas areas;
  for (int a = 0; a < count; ++a) {
    areas.emplace_back();
    for (int r = 0; r <= a % 2; ++r) {
      const double cx = place(random), cy = place(random);
      Ring ring;
      for (int k = 0; k < corners; ++k) {
        const double angle = 6.283185307 * k / corners, length = radius(random);
        PlacePx p{cx + length * std::cos(angle), cy + length * std::sin(angle)};
        if (whole(random) != 0) p = {std::round(p.x) + 0.5, std::round(p.y) + 0.5};  // on pixels' centres
        ring.push_back(p);
      }
      areas.back().push_back(ring);
    }
  }
  return areas;
}

TEST(DrawnAreas, AnswerAsEveryEdgeAskedByItself) {
  std::mt19937 random(7);
  for (const auto& [count, corners] : {std::pair{1, 3}, {2, 7}, {5, 40}, {3, 500}}) {
    const Areas drawn = random_areas(random, count, corners);
    const DrawnAreas areas(drawn);
    int inside = 0;
    for (int y = -5; y < 105; ++y) {
      const std::vector<Span> spans = areas.along(y + 0.5, -4.5, 1, 110);
      std::size_t k = 0;
      for (int i = 0; i < 110; ++i) {
        const PlacePx p{-4.5 + i, y + 0.5};
        const bool want = asked_everywhere(drawn, p);
        while (k < spans.size() && spans[k].end <= i) ++k;
        ASSERT_EQ(areas.contains(p), want) << p.x << " " << p.y;
        ASSERT_EQ(k < spans.size() && spans[k].begin <= i, want) << p.x << " " << p.y;
        inside += want ? 1 : 0;
      }
    }
    EXPECT_GT(inside, 100);
  }
}

TEST(DrawnAreas, CountAnAreaOnceHoweverOftenItIsDrawnAndLeaveHolesOut) {
  const DrawnAreas twice({{box(0, 0, 10, 10)}, {box(0, 0, 10, 10)}});
  EXPECT_TRUE(twice.contains({5, 5})) << "two areas are joined, not one with a hole";
  const DrawnAreas hole({{box(0, 0, 10, 10), box(4, 4, 6, 6)}});
  EXPECT_FALSE(hole.contains({5, 5}));
  EXPECT_THAT(hole.along(5, 0.5, 1, 20), ElementsAre(Span{0, 4}, Span{6, 10}));
  EXPECT_THAT(hole.along(5, 1, 2, 20), ElementsAre(Span{0, 2}, Span{3, 5})) << "places 1, 3, .., 9 without 5";
  EXPECT_THAT(twice.along(12, 0.5, 1, 20), IsEmpty());
  EXPECT_TRUE(DrawnAreas().along(0, 0, 1, 5).empty());
  EXPECT_FALSE(DrawnAreas().contains({0, 0}));
}

// Neighbours along a slanted line: no place is in both, and none in neither.
TEST(DrawnAreas, ThatShareAnEdgeShareNoPlace) {
  const DrawnAreas left({{{{0, 0}, {31.7, 0}, {68.3, 100}, {0, 100}}}}),
      right({{{{68.3, 100}, {31.7, 0}, {100, 0}, {100, 100}}}});
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 400; ++x) {
      const PlacePx p{x / 4.0, y / 4.0};
      ASSERT_NE(left.contains(p), right.contains(p)) << p.x << " " << p.y;
    }
  EXPECT_TRUE(left.contains({0, 0})) << "left and upper edges are inside";
  EXPECT_FALSE(right.contains({100, 50}));
}

TEST(DrawnAreas, RefuseWhatIsNoNumber) {
  EXPECT_THROW(DrawnAreas({{{{0, 0}, {std::nan(""), 1}, {2, 2}}}}), InvalidArgument);
}

TEST(DrawnAreas, TakeSpansAway) {
  EXPECT_THAT(without({{0, 10}, {20, 30}}, {{3, 5}, {8, 22}, {29, 40}}),
              ElementsAre(Span{0, 3}, Span{5, 8}, Span{22, 29}));
  EXPECT_THAT(without({{0, 10}}, {{0, 10}}), IsEmpty());
  EXPECT_THAT(without({{5, 10}}, {{0, 5}, {10, 12}}), ElementsAre(Span{5, 10}));
}

}  // namespace
}  // namespace hexaplex
