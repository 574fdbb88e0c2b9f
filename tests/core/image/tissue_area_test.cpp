#include "core/image/tissue_area.h"

#include <gtest/gtest.h>

#include <random>

#include "core/image/channel_source.h"
#include "core/image/piece_view.h"
#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

TEST(TissueArea, OfAWholeSlideIsOnePiece) {
  const TissueArea area(Extent{30, 20});
  EXPECT_TRUE(area.whole());
  EXPECT_EQ(area.pixels(), 600);
  EXPECT_EQ(area.pieces(), (std::vector<Rect>{{0, 0, 30, 20}}));
  EXPECT_TRUE(TissueArea(Extent{}).pieces().empty());
}

TEST(TissueArea, RefusesPiecesThatLieOutsideOrTooClose) {
  const Extent slide{1000, 1000};
  for (const auto& pieces : std::vector<std::vector<Rect>>{{{990, 0, 11, 5}},
                                                           {{-1, 0, 5, 5}},
                                                           {{5, 5, 0, 5}},
                                                           {{0, 0, 10, 10}, {5, 5, 10, 10}},
                                                           {{0, 0, 10, 10}, {137, 0, 10, 10}}})
    EXPECT_THROW(TissueArea(slide, pieces), InvalidArgument);
  EXPECT_NO_THROW(TissueArea(slide, {{0, 0, 10, 10}, {138, 0, 10, 10}}));
  EXPECT_NO_THROW(TissueArea(slide, {}));
}

// A picture of 2000 pixels shows at most one piece in each of them, however large the slide.
TEST(TissueArea, OfAHugeSlideHasItsPiecesFurtherApart) {
  EXPECT_EQ(least_gap_px({500, 70000}), 128);
  EXPECT_EQ(least_gap_px({2000000, 10}), 2000);
  EXPECT_THROW(TissueArea({400000, 10}, {{0, 0, 10, 10}, {300, 0, 10, 10}}), InvalidArgument);
  EXPECT_NO_THROW(TissueArea({400000, 10}, {{0, 0, 10, 10}, {410, 0, 10, 10}}));
}

TEST(TissueArea, CutsWindowsIntoTheirPartsInPieces) {
  const TissueArea area({1000, 1000}, {{0, 0, 100, 100}, {300, 0, 100, 400}});
  EXPECT_EQ(area.piece_around({310, 10, 5, 5}), 1u);
  EXPECT_FALSE(area.piece_around({90, 10, 20, 5}));
  const std::vector<Rect> windows{{50, 50, 300, 10}, {500, 500, 9, 9}};
  EXPECT_EQ(area.parts(windows), (std::vector<Rect>{{50, 50, 50, 10}, {300, 50, 50, 10}}));
  std::int64_t pixels = 0;
  for (const Rect& r : tissue_tiles(area, {64, 48, 3})) {
    pixels += r.area();
    EXPECT_TRUE(area.piece_around(r));
  }
  EXPECT_EQ(pixels, area.pixels());
}

// Each two of them end up apart; each of the given ones lies in one of them.
TEST(JoinedPieces, LieApartAndHoldAll) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<Rect> rects;
    for (int i = 0; i < 2 + round; ++i)
      rects.push_back({static_cast<int>(random() % 6000), static_cast<int>(random() % 6000),
                       1 + static_cast<int>(random() % 200), 1 + static_cast<int>(random() % 200)});
    const TissueArea area({7000, 7000}, joined_pieces(rects, 128));  // throws where they are too close
    for (const Rect& r : rects) EXPECT_TRUE(area.piece_around(r));
  }
  EXPECT_EQ(joined_pieces({{500, 0, 5, 5}, {0, 9, 5, 5}, {300, 0, 5, 5}}, 128),
            (std::vector<Rect>{{300, 0, 5, 5}, {500, 0, 5, 5}, {0, 9, 5, 5}}));
  EXPECT_EQ(joined_pieces({{0, 0, 5, 5}, {100, 100, 5, 5}, {210, 0, 5, 5}}, 128),
            (std::vector<Rect>{{0, 0, 215, 105}}));
}

// Random squares against a mask of pixels.
TEST(TissueArea, OfSquaresCoversTheirPixelsOnce) {
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    const Extent slide{1 + static_cast<int>(random() % 900), 1 + static_cast<int>(random() % 700)};
    const int side = 32;
    HostPlane<std::uint8_t> squares({(slide.width + side - 1) / side, (slide.height + side - 1) / side}, 0);
    for (std::int64_t i = 0; i < squares.extent().area(); ++i) squares.data()[i] = random() % 8 < unsigned(round % 8);
    const TissueArea area(slide, squares, side);
    std::int64_t pixels = 0;
    for (int y = 0; y < slide.height; ++y)
      for (int x = 0; x < slide.width; ++x)
        if (squares(x / side, y / side) != 0) {
          ++pixels;
          ASSERT_TRUE(area.piece_around({x, y, 1, 1}));
        }
    EXPECT_EQ(area.pixels(), pixels);
    const TissueArea again(slide, area.pieces());  // throws unless the pieces lie apart
    for (int i = 0; i < 20; ++i) {
      const int x = static_cast<int>(random() % slide.width), y = static_cast<int>(random() % slide.height);
      const Rect w{x, y, 1 + static_cast<int>(random() % (slide.width - x)),
                   1 + static_cast<int>(random() % (slide.height - y))};
      HostPlane<float> seen(w.extent(), 0.0f), cleared(w.extent(), 5.0f);
      const std::vector<Rect> rects = area.tissue(w);
      for (const Rect& r : rects)
        for (int v = r.y; v < r.bottom(); ++v)
          for (int u = r.x; u < r.right(); ++u) seen(u - w.x, v - w.y) += 5;
      clear_outside(w, rects, cleared.view());
      for (int v = 0; v < w.height; ++v)
        for (int u = 0; u < w.width; ++u) {
          const float want = squares((w.x + u) / side, (w.y + v) / side) != 0 ? 5.0f : 0.0f;
          ASSERT_EQ(seen(u, v), want);
          ASSERT_EQ(cleared(u, v), want);
        }
      EXPECT_EQ(area.any_tissue(w), !rects.empty());
    }
  }
  EXPECT_THROW(TissueArea({100, 100}, HostPlane<std::uint8_t>({3, 4}, 1), 32), InvalidArgument);
}

TEST(TissueArea, JoinsRowsOfSquaresOfOneWidth) {
  HostPlane<std::uint8_t> squares({4, 4}, 0);
  for (int y = 0; y < 3; ++y) squares(1, y) = squares(2, y) = 1;
  squares(1, 3) = 1;
  const TissueArea area({120, 120}, squares, 32);
  EXPECT_EQ(area.tissue({0, 0, 120, 120}), (std::vector<Rect>{{32, 0, 64, 96}, {32, 96, 32, 24}}));
  EXPECT_EQ(area.pieces(), (std::vector<Rect>{{32, 0, 64, 120}}));
}

class TwoPieces : public ::testing::Test {
 protected:
  TissueArea area{{500, 300}, {{10, 20, 40, 30}, {300, 100, 50, 60}}};
  PiecePlanes<float> planes{area};
  HostPlane<float> whole{{500, 300}, 0.0f};  // the oracle
  TwoPieces() {
    for (const Rect& p : area.pieces())
      for (int y = p.y; y < p.bottom(); ++y)
        for (int x = p.x; x < p.right(); ++x)
          planes.inside(p)(x - p.x, y - p.y) = whole(x, y) = static_cast<float>(1 + x + 1000 * y);
  }
  void expect_whole(Plane<const float> got, Rect w) const {
    ASSERT_EQ(got.extent, w.extent());
    for (int y = 0; y < w.height; ++y)
      for (int x = 0; x < w.width; ++x) ASSERT_EQ(got(x, y), whole(w.x + x, w.y + y)) << w.x + x << " " << w.y + y;
  }
  const std::vector<Rect> windows{{12, 22, 5, 6},     {0, 0, 500, 300}, {45, 40, 300, 200}, {100, 60, 30, 9},
                                  {300, 100, 50, 60}, {0, 0, 11, 21},   {349, 159, 1, 1}};
};

TEST_F(TwoPieces, AreZeroBetweenThePieces) {
  const PieceView<float> view = planes.view();
  for (const Rect& w : windows) {
    expect_whole(view.read(w).pixels, w);
    HostPlane<float> copy(w.extent(), -1.0f);
    view.copy(w, copy.view());
    expect_whole(copy.view(), w);
  }
  EXPECT_EQ(view.at(12, 22), whole(12, 22));
  EXPECT_EQ(view.at(9, 22), 0.0f);
  EXPECT_THROW(planes.inside({0, 0, 20, 30}), InvalidArgument);
}

TEST_F(TwoPieces, OfAChannelAreReadAndCountedAlone) {
  std::vector<PiecePlanes<float>> owned;
  owned.push_back(std::move(planes));
  const HeldChannels source(area, {"a"}, std::move(owned));
  CpuQueue q;
  const int channel = 0;
  for (const Rect& w : windows) {
    const ChannelWindow seen = source.read(q, w, {&channel, 1});
    expect_whole(seen.planes[0], w);
    EXPECT_EQ(seen.owned.empty(), area.piece_around(w).has_value());
  }
  EXPECT_EQ(total(source.histogram(q, 0)), area.pixels());
  EXPECT_EQ(source.largest_magnitude(q, 0), whole(349, 159));
}

}  // namespace
}  // namespace hexaplex
