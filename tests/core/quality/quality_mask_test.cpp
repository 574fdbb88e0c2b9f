#include "core/quality/quality_mask.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/quality/assess_cells.h"
#include "core/quality/grid.h"
#include "core/quality/tissue_area.h"
#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

constexpr double kUm = 0.5;

// A slide of sharp nuclei: light and energies of a square as measured on painted marrow, with some spread.
HostPlane<SquareSums> tissue(Extent grid, double offset = 10) {
  HostPlane<SquareSums> squares(grid, SquareSums{});
  std::mt19937 random(1);
  for (std::int64_t i = 0; i < grid.area(); ++i) {
    SquareSums& s = squares.data()[i];
    const auto spread = static_cast<float>(0.8 + 0.4 * static_cast<double>(random()) / 4294967296.0);
    s.nuclear = static_cast<float>(offset) + 180 * spread;
    for (float& light : s.light) light = static_cast<float>(2 * offset) + 100 * spread;
    s.noise = 6000, s.coarse = 80000 * spread, s.fine = 0.16f * s.coarse + s.noise / 4;
  }
  return squares;
}

template <class F>
void paint(HostPlane<SquareSums>& squares, Rect where, F change) {
  for (int y = where.y; y < where.bottom(); ++y)
    for (int x = where.x; x < where.right(); ++x) change(squares(x, y));
}

void make_glass(SquareSums& s) {
  s.nuclear = 10;
  s.light = {20, 20, 20, 20};
  s.noise = 80, s.fine = 20, s.coarse = 1.25f;
}

QualityParams params() {
  QualityParams p;
  p.camera_offset = 10;
  p.bands = 8;
  return p;
}

QualityMask judged(const HostPlane<SquareSums>& squares, const QualityParams& p = params()) {
  const Extent slide{squares.width() * kQualitySquarePx, squares.height() * kQualitySquarePx};
  return make_quality_mask(squares.view(), slide, kUm, p);
}

int count(const QualityMask& mask, Unusable reason) {
  int n = 0;
  for (int y = 0; y < mask.grid().height; ++y)
    for (int x = 0; x < mask.grid().width; ++x) n += mask.square(x, y) == reason;
  return n;
}

TEST(QualityMask, LeavesCleanTissueWhole) {
  const QualityMask mask = judged(tissue({40, 30}));
  EXPECT_EQ(count(mask, Unusable::none), 1200);
  EXPECT_TRUE(mask.warnings.empty());
  EXPECT_DOUBLE_EQ(mask.assessable_mm2(), 1280 * 960 * kUm * kUm / 1e6);
}

TEST(QualityMask, FindsGlassAroundTissueAndKeepsSmallHoles) {
  auto squares = tissue({40, 30});
  paint(squares, {0, 0, 12, 30}, make_glass);
  paint(squares, {25, 10, 5, 5}, make_glass);  // 6,400 µm²: a vessel
  const QualityMask mask = judged(squares);
  EXPECT_EQ(count(mask, Unusable::glass), 12 * 30);
  EXPECT_EQ(mask.square(27, 12), Unusable::none);
  EXPECT_EQ(mask.square(11, 15), Unusable::glass);
}

TEST(QualityMask, AFieldOfCellsOnDarkGroundIsAllTissue) {
  auto squares = tissue({40, 30});
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x)
      if (x % 4 != 0 || y % 4 != 0) make_glass(squares(x, y));  // gaps of 48 µm
  EXPECT_EQ(count(judged(squares), Unusable::none), 1200);
}

TEST(QualityMask, DropsSpecksOnGlassUnlessTheyAreTheSpecimen) {
  auto squares = tissue({60, 60});
  paint(squares, {30, 0, 30, 60}, make_glass);
  const SquareSums cell = squares(0, 0);
  squares(45, 30) = cell;
  EXPECT_EQ(judged(squares).square(45, 30), Unusable::glass);
  auto smear = tissue({60, 60});
  paint(smear, {0, 0, 60, 60}, make_glass);
  for (int y = 5; y < 60; y += 12)
    for (int x = 5; x < 60; x += 12) smear(x, y) = cell;
  EXPECT_EQ(judged(smear).square(17, 17), Unusable::none);
}

TEST(QualityMask, NoiseAloneIsNoTissue) {
  HostPlane<SquareSums> squares({20, 20}, SquareSums{});
  paint(squares, {0, 0, 20, 20}, make_glass);
  const QualityMask mask = judged(squares);
  EXPECT_EQ(count(mask, Unusable::glass), 400);
  EXPECT_EQ(mask.tissue_mm2(), 0);
  ASSERT_EQ(mask.warnings.size(), 1u);
  EXPECT_NE(mask.warnings[0].find("no tissue"), std::string::npos);
  const TissueArea area = tissue_area(mask);
  EXPECT_TRUE(area.pieces().empty());
  EXPECT_EQ(area.pixels(), 0);
}

TEST(QualityMask, FindsLostFocusAndSaysHowMuchIsLost) {
  auto squares = tissue({40, 30});
  paint(squares, {20, 0, 20, 30}, [](SquareSums& s) { s.coarse /= 3, s.fine = 0.015f * s.coarse + s.noise / 4; });
  const QualityMask mask = judged(squares);
  EXPECT_EQ(count(mask, Unusable::out_of_focus), 600);
  ASSERT_EQ(mask.warnings.size(), 1u);
  EXPECT_EQ(mask.warnings[0],
            "50.0 % of the tissue cannot be assessed (out of focus 50.0 %); no cell of it is counted");
}

TEST(QualityMask, TissueWithoutNucleiOrWithFewIsNotOutOfFocus) {
  auto squares = tissue({40, 30});
  paint(squares, {5, 5, 20, 20}, [](SquareSums& s) { s.nuclear = 60, s.coarse = s.noise / 64, s.fine = s.noise / 4; });
  EXPECT_EQ(count(judged(squares), Unusable::out_of_focus), 0);
  auto glow = tissue({40, 30});  // soft light around nuclei, far darker than they
  paint(glow, {5, 5, 20, 20}, [](SquareSums& s) { s.nuclear = 40, s.coarse /= 10, s.fine = s.noise / 4; });
  EXPECT_EQ(count(judged(glow), Unusable::out_of_focus), 0);
}

TEST(QualityMask, FindsSaturatedFoldedAndLitteredSquares) {
  auto squares = tissue({40, 30});
  paint(squares, {0, 0, 3, 3}, [](SquareSums& s) { s.saturated = 52; });  // 5.1 %
  paint(squares, {5, 0, 3, 3}, [](SquareSums& s) { s.saturated = 51; });
  paint(squares, {20, 5, 6, 20}, [](SquareSums& s) {
    s.nuclear = 10 + 2.2f * (s.nuclear - 10);
    for (float& light : s.light) light = 20 + 2.2f * (light - 20);
  });
  paint(squares, {35, 20, 1, 1}, [](SquareSums& s) { s.nuclear = 2000, s.light = {800, 800, 800, 800}; });
  paint(squares, {10, 20, 5, 5}, [](SquareSums& s) { s.light[1] = 2000; });  // one marker, not a fold
  const QualityMask mask = judged(squares);
  EXPECT_EQ(count(mask, Unusable::saturated), 9);
  EXPECT_EQ(mask.square(35, 20), Unusable::debris);
  EXPECT_EQ(count(mask, Unusable::debris), 1);
  EXPECT_EQ(mask.square(22, 15), Unusable::fold);
  EXPECT_NEAR(count(mask, Unusable::fold), 120, 25);
  EXPECT_EQ(mask.square(12, 22), Unusable::none);
  QualityParams some = params();
  some.look_for[static_cast<int>(Unusable::fold)] = false;
  EXPECT_EQ(count(judged(squares, some), Unusable::fold), 0);
}

TEST(QualityMask, AreasAddUpAndHonourTheSlidesEdge) {
  QualityMask mask({70, 40}, 0.5);  // squares of 32, 32, 6 by 32, 8
  mask.set_square(2, 1, Unusable::glass);
  mask.set_square(0, 0, Unusable::fold);
  const auto areas = mask.areas_mm2();
  EXPECT_DOUBLE_EQ(areas[static_cast<int>(Unusable::glass)], 6 * 8 * 0.25 / 1e6);
  EXPECT_DOUBLE_EQ(areas[static_cast<int>(Unusable::fold)], 1024 * 0.25 / 1e6);
  EXPECT_DOUBLE_EQ(mask.assessable_mm2(), (2800 - 48 - 1024) * 0.25 / 1e6);
  EXPECT_DOUBLE_EQ(mask.tissue_mm2(), (2800 - 48) * 0.25 / 1e6);
}

TEST(QualityMask, PointsBelongToThePixelThatHoldsThem) {
  QualityMask mask({70, 40}, 0.5);
  mask.set_square(1, 0, Unusable::fold);
  EXPECT_TRUE(mask.assessable(31.4, 0));
  EXPECT_FALSE(mask.assessable(31.5, 0));  // the pixel 32 reaches from 31.5 to 32.5
  EXPECT_FALSE(mask.assessable(63.4, 31.4));
  EXPECT_TRUE(mask.assessable(63.5, 31.4));
  EXPECT_TRUE(mask.assessable(-5, 1e9));
  EXPECT_TRUE(mask.assessable(std::nan(""), 0));
  CellTable cells;
  cells.resize(2);
  cells.nucleus[0].area_px = 4, cells.nucleus[0].centroid_x_px = 40, cells.nucleus[0].centroid_y_px = 2;
  cells.cell[0].centroid_x_px = 1, cells.cell[0].centroid_y_px = 1;
  cells.cell[1].area_px = 9, cells.cell[1].centroid_x_px = 1, cells.cell[1].centroid_y_px = 1;
  EXPECT_EQ(assessable_cells(mask, cells), (std::vector<std::uint8_t>{0, 1}));
}

TEST(QualityMask, IsAnalysedWithinAMarginOfTissue) {
  const Extent slide{2000, 1510};
  QualityMask mask(slide, 0.5);  // squares of 16 µm: a margin of three
  for (int y = 0; y < mask.grid().height; ++y)
    for (int x = 0; x < mask.grid().width; ++x)
      mask.set_square(x, y, (x + y) % 2 == 0 ? Unusable::glass : Unusable::not_scanned);
  mask.set_square(5, 6, Unusable::fold);  // tissue all the same
  mask.set_square(9, 7, Unusable::none);
  mask.set_square(62, 47, Unusable::none);  // cut by the slide's edge
  const TissueArea area = tissue_area(mask);
  EXPECT_EQ(area.pieces(), (std::vector<Rect>{{2 * 32, 3 * 32, 11 * 32, 8 * 32}, {59 * 32, 44 * 32, 112, 102}}));
  const auto near = [](int x, int y, int cx, int cy) {
    return std::abs(x / 32 - cx) <= 3 && std::abs(y / 32 - cy) <= 3;
  };
  std::int64_t pixels = 0;
  for (int y = 0; y < slide.height; ++y)
    for (int x = 0; x < slide.width; ++x) pixels += near(x, y, 5, 6) || near(x, y, 9, 7) || near(x, y, 62, 47);
  EXPECT_EQ(area.pixels(), pixels);
}

// Red, green and blue of a stained slide: what each lacks of white.
SquareSums stained(float lacks) {
  SquareSums s;
  s.nuclear = lacks, s.light = {lacks, lacks, lacks, 0};
  s.noise = 40, s.coarse = 900, s.fine = 150;
  return s;
}

QualityParams of_brightfield() {
  QualityParams p;
  p.bands = 3, p.glass_counts = 18;
  return p;
}

TEST(QualityMask, OfABrightfieldSlideGlassIsWhatTakesNoLightAway) {
  // A disc of pale, flat tissue with a small lumen and a large one; scratched glass, whose structure is no tissue.
  HostPlane<SquareSums> squares({70, 70}, stained(2));
  const auto in_disc = [](int x, int y) { return (x - 35) * (x - 35) + (y - 35) * (y - 35) <= 25 * 25; };
  const auto in_lumen = [](int x, int y) { return x >= 38 && x < 54 && y >= 28 && y < 44; };
  for (int y = 0; y < 70; ++y)
    for (int x = 0; x < 70; ++x)
      if (in_disc(x, y)) {
        squares(x, y) = stained(15);
        squares(x, y).coarse = squares(x, y).noise / 64;
      } else {
        squares(x, y).coarse = 50000, squares(x, y).fine = 9000;
      }
  paint(squares, {20, 30, 5, 5}, [](SquareSums& s) { s = stained(1); });    // 6,400 µm²
  paint(squares, {38, 28, 16, 16}, [](SquareSums& s) { s = stained(1); });  // 65,536 µm²
  const QualityMask mask = judged(squares, of_brightfield());
  int wrong = 0;
  for (int y = 0; y < 70; ++y)
    for (int x = 0; x < 70; ++x) wrong += (mask.square(x, y) == Unusable::glass) != (!in_disc(x, y) || in_lumen(x, y));
  // Closing rounds off the corners of the large lumen, and steps of the disc's outline.
  EXPECT_LE(wrong, 40);
  EXPECT_EQ(mask.square(22, 32), Unusable::none) << "the small lumen";
  EXPECT_EQ(mask.square(46, 36), Unusable::glass) << "the large lumen";
  EXPECT_EQ(mask.square(35, 15), Unusable::none);
  EXPECT_EQ(mask.square(3, 35), Unusable::glass);
}

TEST(QualityMask, OfABrightfieldSlideGlassLacksLessThanTheLimit) {
  EXPECT_EQ(count(judged(HostPlane<SquareSums>({20, 20}, stained(6)), of_brightfield()), Unusable::glass), 0)
      << "three colours lack 18";
  EXPECT_EQ(count(judged(HostPlane<SquareSums>({20, 20}, stained(5.99f)), of_brightfield()), Unusable::glass), 400);
}

TEST(QualityMask, OfABrightfieldSlideWhatWasNotScannedIsNotGlass) {
  HostPlane<SquareSums> squares({40, 40}, stained(1));
  paint(squares, {0, 0, 40, 20}, [](SquareSums& s) { s = stained(40); });
  paint(squares, {0, 30, 40, 10}, [](SquareSums& s) { s.not_scanned = 1024; });
  const QualityMask mask = judged(squares, of_brightfield());
  EXPECT_EQ(mask.square(20, 10), Unusable::none);
  EXPECT_EQ(mask.square(20, 25), Unusable::glass);
  EXPECT_EQ(count(mask, Unusable::not_scanned), 400);
}

TEST(QualityMask, OfAnEmptyBrightfieldSlideNothingIsTissue) {
  const QualityMask mask = judged(HostPlane<SquareSums>({20, 20}, stained(0)), of_brightfield());
  EXPECT_EQ(mask.tissue_mm2(), 0);
  ASSERT_EQ(mask.warnings.size(), 1u);
}

TEST(QualityMask, TakesEmptyAndTinySlidesAndRefusesWhatDoesNotFit) {
  EXPECT_EQ(make_quality_mask({}, {0, 0}, 0.5).assessable_mm2(), 0);
  HostPlane<SquareSums> one({1, 1}, SquareSums{});
  EXPECT_EQ(make_quality_mask(one.view(), {1, 1}, 0.5).grid(), (Extent{1, 1}));
  EXPECT_THROW(make_quality_mask(one.view(), {33, 1}, 0.5), InvalidArgument);
  EXPECT_THROW(make_quality_mask(one.view(), {1, 1}, 0), InvalidArgument);
  QualityParams no_bands;
  no_bands.bands = 0;
  EXPECT_THROW(make_quality_mask(one.view(), {1, 1}, 0.5, no_bands), InvalidArgument);
  EXPECT_THROW(QualityMask({0, 0}, 0.5).at(0, 0), InvalidArgument);
}

TEST(SquareMaskGrid, DilatesErodesAndDropsParts) {
  SquareMask mask({5, 5}, std::uint8_t{0});
  mask(2, 2) = 1;
  EXPECT_EQ(count_set(dilated(mask, 1)), 5);
  EXPECT_EQ(count_set(dilated(mask, 1.5)), 9);
  EXPECT_EQ(count_set(eroded(dilated(mask, 1.5), 1.5)), 1);
  SquareMask full({3, 3}, std::uint8_t{1});
  EXPECT_EQ(count_set(eroded(full, 1.5)), 9);  // what touches the edge stays
  mask(3, 3) = 1;
  SquareMask corners = mask.copy();
  drop_parts(corners, true, [](std::int64_t n) { return n >= 2; });
  EXPECT_EQ(count_set(corners), 2);
  drop_parts(mask, false, [](std::int64_t n) { return n >= 2; });
  EXPECT_EQ(count_set(mask), 0);
}

}  // namespace
}  // namespace hexaplex
