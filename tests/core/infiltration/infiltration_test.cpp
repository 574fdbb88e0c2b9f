#include "core/infiltration/infiltration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/runtime/error.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

// A field of 600 x 300 squares of 2 µm, at 1 µm a pixel: a rectangle of tissue with a vessel, a small gap, and a speck
// beside it; two groups of tumour cells and a single one; cells that are none. Cells are squares of 10 pixels.
class Infiltration : public ::testing::Test {
 protected:
  static constexpr Extent kSlide{1200, 600};
  static constexpr Rect kTissue{20, 20, 560, 260}, kVessel{300, 100, 20, 20}, kGap{400, 200, 5, 8}, kSpeck{5, 5, 5, 5};

  Infiltration() : a_(kSlide, 0.0f), b_(kSlide, 0.0f), labels_{{}, HostPlane<std::uint32_t>(kSlide, 0)} {
    // Half of the first and all of the second count: 0.025 in tissue, 0.015 in the vessel.
    paint(kTissue, 0.03f, 0.01f), paint(kVessel, 0.03f, 0), paint(kGap, 0, 0), paint(kSpeck, 0.03f, 0.01f);
    cells_.markers = {"H", "DAB"};
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 3; ++i) add_cell(100 + 12 * i, 100 + 12 * j, true);
    for (int j = 0; j < 2; ++j)
      for (int i = 0; i < 3; ++i) add_cell(700 + 12 * i, 300 + 12 * j, true);
    add_cell(900, 450, true);
    for (int i = 0; i < 5; ++i) add_cell(300 + 12 * i, 400, false);
  }

  void paint(Rect squares, float a, float b) {
    for (int y = 2 * squares.y; y < 2 * squares.bottom(); ++y)
      for (int x = 2 * squares.x; x < 2 * squares.right(); ++x) a_(x, y) = a, b_(x, y) = b;
  }

  void add_cell(int left, int top, bool tumour) {
    const std::size_t i = tumour_.size();
    const auto id = static_cast<std::uint32_t>(3 * i + 2);  // with gaps, as given labels have them
    tumour_.push_back(tumour);
    cells_.resize(i + 1);
    cells_.cell_id[i] = id;
    Shape& cell = cells_.cell[i];
    cell = {};
    cell.area_px = 100, cell.centroid_x_px = left + 4.5, cell.centroid_y_px = top + 4.5;
    cells_.nucleus[i] = {};
    if (i % 2 == 0) {  // a nucleus says where its cell is
      cells_.nucleus[i] = cell;
      cells_.nucleus[i].area_px = 40;
      cell.centroid_x_px = cell.centroid_y_px = 0;
    }
    for (int y = top; y < top + 10; ++y)
      for (int x = left; x < left + 10; ++x) labels_.cell(x, y) = id;
  }

  InfiltrationResult measured(const InfiltrationParams& params = {}) const {
    const HeldChannels channels(kSlide, {"H", "DAB"}, {a_.view(), b_.view()});
    const std::vector<double> density{0.5, 1};
    return measure_infiltration(CpuQueue{}, channels, density, cells_, labels_, tumour_, counted_, quality_, 1, params);
  }

  HostPlane<float> a_, b_;
  LabelPair labels_;
  CellTable cells_;
  std::vector<std::uint8_t> tumour_, counted_;
  const QualityMask* quality_ = nullptr;
};

constexpr std::size_t kFirst = 9, kSecond = 6, kTumour = 16;
constexpr double kSquareMm2 = 4e-6;
// Tissue without the vessel; the small gap belongs to it, and the speck does not.
constexpr double kTissueSquares = 560 * 260 - 20 * 20;
// The box around a group of 3 x 3 and 3 x 2 cells that lie one square apart, but for the outermost square of each seam:
// a disc that touches the box from outside reaches it.
constexpr double kFirstRegion = 17 * 17 - 8, kSecondRegion = 17 * 11 - 6;

TEST_F(Infiltration, CountsTissueAndCells) {
  const InfiltrationResult r = measured();
  EXPECT_NEAR(r.tissue_mm2, kTissueSquares * kSquareMm2, 1e-12);
  EXPECT_EQ(r.cells, kTumour + 5);
  EXPECT_EQ(r.tumour_cells, kTumour);
  EXPECT_NEAR(r.tumour_cells_per_mm2, 16 / (kTissueSquares * kSquareMm2), 1e-9);
  EXPECT_NEAR(r.tumour_cell_area_fraction, 16 * 100 / (kTissueSquares * 4), 1e-12);
  EXPECT_NEAR(r.cells_in_foci_share, 15.0 / 16, 1e-12);
}

TEST_F(Infiltration, FindsTheGroupsAsFociAndTheSingleCellAsNone) {
  const InfiltrationResult r = measured();
  ASSERT_EQ(r.foci.size(), 2u);
  EXPECT_EQ(r.foci[0].cells, kFirst);
  EXPECT_NEAR(r.foci[0].x_um, 116.5, 1e-9);
  EXPECT_NEAR(r.foci[0].y_um, 116.5, 1e-9);
  EXPECT_NEAR(r.foci[0].area_mm2, kFirstRegion * kSquareMm2, 1e-12);
  EXPECT_EQ(r.foci[1].cells, kSecond);
  EXPECT_NEAR(r.foci[1].x_um, 716.5, 1e-9);
  EXPECT_NEAR(r.foci[1].y_um, 310.5, 1e-9);
  EXPECT_NEAR(r.foci[1].area_mm2, kSecondRegion * kSquareMm2, 1e-12);
  EXPECT_NEAR(r.tumour_area_fraction, (kFirstRegion + kSecondRegion) / kTissueSquares, 1e-12);
}

TEST_F(Infiltration, LinksCellsWithinReachOnly) {
  InfiltrationParams p;
  p.link_um = 11.9;
  EXPECT_TRUE(measured(p).foci.empty()) << "cells lie 12 apart";
  p.link_um = 12;
  ASSERT_EQ(measured(p).foci.size(), 1u) << "the middle one alone has four others within 12";
  EXPECT_EQ(measured(p).foci[0].cells, 5u);
  p.min_cells = 1;
  EXPECT_EQ(measured(p).foci.size(), 3u) << "a cell alone is a focus where one is enough";
}

TEST_F(Infiltration, RegionsAreTheCellsAloneWhereNoGapIsClosed) {
  InfiltrationParams p;
  p.close_um = 0;
  const InfiltrationResult r = measured(p);
  ASSERT_EQ(r.foci.size(), 2u);
  // Every cell is a part of its own of 5 x 5 squares.
  EXPECT_NEAR(r.foci[0].area_mm2, 9 * 25 * kSquareMm2, 1e-12);
  EXPECT_NEAR(r.foci[1].area_mm2, 6 * 25 * kSquareMm2, 1e-12);
}

TEST_F(Infiltration, MeasuresHowDeepCellsLie) {
  const InfiltrationResult r = measured();
  // Squares of the first group's cells are 52 + 6 i, glass to the left and above ends with 19: 66, 78 or 90 µm for
  // five, three and one cell. Of the second group three lie 128 squares from the glass below, and three 122. The single
  // one lies 53 from it.
  EXPECT_NEAR(r.foci[0].border_um, 66, 1e-9);
  EXPECT_NEAR(r.foci[1].border_um, 244, 1e-9);
  EXPECT_NEAR(r.border.lower_quartile_um, 66, 1e-9);
  EXPECT_NEAR(r.border.median_um, 78, 1e-9);
  EXPECT_NEAR(r.border.upper_quartile_um, 244, 1e-9);
}

TEST_F(Infiltration, MeasuresHowFarVesselsAre) {
  std::vector<double> expected;
  for (std::size_t i = 0; i < kTumour; ++i) {
    const Shape& s = i % 2 == 0 ? cells_.nucleus[i] : cells_.cell[i];
    const int column = static_cast<int>(s.centroid_x_px + 0.5) / 2, row = static_cast<int>(s.centroid_y_px + 0.5) / 2;
    const int dx = std::max({300 - column, column - 319, 0}), dy = std::max({100 - row, row - 119, 0});
    expected.push_back(2 * std::hypot(dx, dy));
  }
  std::sort(expected.begin(), expected.end());
  const InfiltrationResult r = measured();
  EXPECT_NEAR(r.vessels.lower_quartile_um, expected[3], 1e-9);
  EXPECT_NEAR(r.vessels.median_um, expected[7], 1e-9);
  EXPECT_NEAR(r.vessels.upper_quartile_um, expected[11], 1e-9);
}

TEST_F(Infiltration, WithoutVesselsNothingIsFarFromThem) {
  paint(kVessel, 0.03f, 0.01f);
  const InfiltrationResult r = measured();
  EXPECT_TRUE(std::isnan(r.vessels.median_um));
  EXPECT_NEAR(r.border.median_um, 78, 1e-9);
}

TEST_F(Infiltration, BlocksAddUpToTheWhole) {
  const InfiltrationResult r = measured();
  // 500 µm each: three columns, two rows.
  ASSERT_EQ(r.blocks.size(), 6u);
  InfiltrationBlock sum;
  for (std::size_t i = 0; i < 6; ++i) {
    const InfiltrationBlock& b = r.blocks[i];
    EXPECT_EQ(b.x, static_cast<int>(i % 3));
    EXPECT_EQ(b.y, static_cast<int>(i / 3));
    sum.tissue_mm2 += b.tissue_mm2, sum.tumour_area_mm2 += b.tumour_area_mm2;
    sum.tumour_cell_area_mm2 += b.tumour_cell_area_mm2, sum.cells += b.cells, sum.tumour_cells += b.tumour_cells;
  }
  EXPECT_NEAR(sum.tissue_mm2, r.tissue_mm2, 1e-12);
  EXPECT_NEAR(sum.tumour_area_mm2 / r.tissue_mm2, r.tumour_area_fraction, 1e-12);
  EXPECT_NEAR(sum.tumour_cell_area_mm2 / r.tissue_mm2, r.tumour_cell_area_fraction, 1e-12);
  EXPECT_EQ(sum.cells, r.cells);
  EXPECT_EQ(sum.tumour_cells, r.tumour_cells);

  EXPECT_NEAR(r.blocks[0].tissue_mm2, 230 * 230 * kSquareMm2, 1e-12);
  EXPECT_EQ(r.blocks[0].tumour_cells, 9u);
  EXPECT_EQ(r.blocks[0].cells, 9u + 5);
  EXPECT_EQ(r.blocks[1].tumour_cells, 7u);
  EXPECT_NEAR(r.blocks[1].tumour_area_mm2, kSecondRegion * kSquareMm2, 1e-12);
  EXPECT_NEAR(r.blocks[5].tissue_mm2, 80 * 30 * kSquareMm2, 1e-12);
  EXPECT_EQ(r.blocks[5].cells, 0u);
}

TEST_F(Infiltration, GradeCountsTheCutsThatAreReached) {
  EXPECT_EQ(measured().grade, 1) << "0.3 % of the tissue";
  const double share = measured().tumour_area_fraction;
  InfiltrationParams p;
  p.grades = {0.001, share, 0.5};
  EXPECT_EQ(measured(p).grade, 2) << "a cut that is reached exactly counts";
  p.grades = {0.001, 0.002, 0.003};
  EXPECT_EQ(measured(p).grade, 3);
  p.grades = {std::nextafter(share, 1.0), 0.5, 0.6};
  EXPECT_EQ(measured(p).grade, 0);
}

TEST_F(Infiltration, WithoutTumourCellsIsNone) {
  std::fill(tumour_.begin(), tumour_.end(), std::uint8_t{0});
  const InfiltrationResult r = measured();
  EXPECT_NEAR(r.tissue_mm2, kTissueSquares * kSquareMm2, 1e-12);
  EXPECT_EQ(r.cells, kTumour + 5);
  EXPECT_EQ(r.tumour_cells, 0u);
  EXPECT_TRUE(r.foci.empty());
  EXPECT_EQ(r.grade, 0);
  EXPECT_EQ(r.tumour_area_fraction, 0);
  EXPECT_TRUE(std::isnan(r.cells_in_foci_share));
  EXPECT_TRUE(std::isnan(r.border.median_um));
  EXPECT_TRUE(std::isnan(r.vessels.median_um));
}

TEST_F(Infiltration, WithoutTissueHasNoShares) {
  a_.fill(0), b_.fill(0);
  const InfiltrationResult r = measured();
  EXPECT_EQ(r.tissue_mm2, 0);
  EXPECT_TRUE(std::isnan(r.tumour_area_fraction));
  EXPECT_TRUE(std::isnan(r.tumour_cells_per_mm2));
  EXPECT_EQ(r.grade, 0);
}

TEST_F(Infiltration, CellsThatDoNotCountAreAsIfTheyWereNotThere) {
  counted_.assign(tumour_.size(), 1);
  for (std::size_t i = kFirst; i < kFirst + kSecond; ++i) counted_[i] = 0;
  counted_.back() = 0;
  const InfiltrationResult r = measured();
  EXPECT_EQ(r.cells, kTumour + 5 - 7);
  EXPECT_EQ(r.tumour_cells, 10u);
  ASSERT_EQ(r.foci.size(), 1u);
  EXPECT_NEAR(r.cells_in_foci_share, 0.9, 1e-12);
  EXPECT_NEAR(r.tumour_area_fraction, kFirstRegion / kTissueSquares, 1e-12);
  EXPECT_NEAR(r.border.upper_quartile_um, 78, 1e-9) << "of the first group and the single one";
}

TEST_F(Infiltration, SquaresThatCannotBeAssessedAreNoTissue) {
  // Pixels 96 .. 127 each way: 16 x 16 squares, which take squares 50 .. 63 of the first group's region.
  QualityMask quality(kSlide, 1);
  quality.set_square(3, 3, Unusable::fold);
  quality_ = &quality;
  const InfiltrationResult r = measured();
  EXPECT_NEAR(r.tissue_mm2, (kTissueSquares - 256) * kSquareMm2, 1e-12);
  ASSERT_EQ(r.foci.size(), 2u);
  // Of the eight open ends of seams the two at the right and the two below are left.
  EXPECT_NEAR(r.foci[0].area_mm2, (17 * 17 - 14 * 14 - 4) * kSquareMm2, 1e-12);
  EXPECT_NEAR(r.foci[1].area_mm2, kSecondRegion * kSquareMm2, 1e-12);
  EXPECT_NEAR(r.border.median_um, 78, 1e-9) << "a fold is no border of the tissue";
}

TEST_F(Infiltration, PicturesShowTissueAndRegions) {
  const InfiltrationResult r = measured();
  EXPECT_EQ(r.square_px, 2);
  ASSERT_EQ(r.squares.extent(), (Extent{600, 300}));
  EXPECT_EQ(r.squares(10, 100), 0);
  EXPECT_EQ(r.squares(310, 110), 0) << "the vessel";
  EXPECT_EQ(r.squares(402, 204), 1) << "the gap";
  EXPECT_EQ(r.squares(7, 7), 0) << "the speck";
  EXPECT_EQ(r.squares(58, 58), 2);
  EXPECT_EQ(r.squares(452, 227), 1) << "the single cell";
  const std::uint8_t* end = r.squares.data() + r.squares.extent().area();
  EXPECT_EQ(std::count(r.squares.data(), end, 2), kFirstRegion + kSecondRegion);
  EXPECT_EQ(std::count(r.squares.data(), end, 1), kTissueSquares - kFirstRegion - kSecondRegion);
}

TEST_F(Infiltration, IsTheSameForAnyNumberOfThreads) {
  const InfiltrationResult expected = measured();
  testing::for_thread_counts([&] {
    const InfiltrationResult r = measured();
    EXPECT_TRUE(std::equal(r.squares.data(), r.squares.data() + r.squares.extent().area(), expected.squares.data()));
    EXPECT_EQ(r.tumour_area_fraction, expected.tumour_area_fraction);
    EXPECT_EQ(r.border.median_um, expected.border.median_um);
    EXPECT_EQ(r.vessels.upper_quartile_um, expected.vessels.upper_quartile_um);
    ASSERT_EQ(r.foci.size(), expected.foci.size());
    for (std::size_t i = 0; i < r.foci.size(); ++i) EXPECT_EQ(r.foci[i].area_mm2, expected.foci[i].area_mm2);
  });
}

TEST_F(Infiltration, RefusesWhatMakesNoSense) {
  const auto refuses = [&](auto change) {
    InfiltrationParams p;
    change(p);
    EXPECT_THROW(measured(p), InvalidArgument);
  };
  refuses([](InfiltrationParams& p) { p.square_um = 0; });
  refuses([](InfiltrationParams& p) { p.link_um = 0; });
  refuses([](InfiltrationParams& p) { p.close_um = -1; });
  refuses([](InfiltrationParams& p) { p.min_cells = 0; });
  refuses([](InfiltrationParams& p) { p.grades = {0.1, 0.2}; });
  refuses([](InfiltrationParams& p) { p.grades = {0.1, 0.1, 0.2}; });
  refuses([](InfiltrationParams& p) { p.grades = {0, 0.1, 0.2}; });
  tumour_.pop_back();
  EXPECT_THROW(measured(), InvalidArgument);
}

// A line at 707 px: squares whose centres lie left of it count, and of the second group two cells.
TEST_F(Infiltration, OfARegionIsOfItsSquaresAndCellsAndKeepsDepths) {
  const HeldChannels channels(kSlide, {"H", "DAB"}, {a_.view(), b_.view()});
  const std::vector<double> density{0.5, 1};
  const InfiltrationGround ground(CpuQueue{}, channels, density, cells_, labels_, tumour_, quality_, 1, {});
  const auto boxed = [](double right) {
    return RegionArea(DrawnAreas({{{{0, 0}, {right, 0}, {right, 600}, {0, 600}}}}), nullptr);
  };
  std::vector<std::uint8_t> left(tumour_.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    const Shape& s = cells_.nucleus[i].area_px > 0 ? cells_.nucleus[i] : cells_.cell[i];
    left[i] = s.centroid_x_px + 0.5 < 707;
  }
  const RegionArea region = boxed(707);
  const InfiltrationResult r = ground.measure(CpuQueue{}, left, &region), whole = measured();
  EXPECT_NEAR(r.tissue_mm2, ((353 - 20) * 260 - 20 * 20) * kSquareMm2, 1e-12);
  EXPECT_EQ(r.tumour_cells, kFirst + 2);
  ASSERT_EQ(r.foci.size(), 1u) << "two cells of the second group are no focus";
  EXPECT_EQ(r.foci[0].area_mm2, whole.foci[0].area_mm2);
  EXPECT_EQ(r.foci[0].border_um, whole.foci[0].border_um);
  // A line close to the first group is no border of the tissue, and cuts the tissue between its cells.
  const RegionArea close = boxed(118);
  const InfiltrationResult cut = ground.measure(CpuQueue{}, left, &close);
  EXPECT_EQ(cut.foci[0].border_um, whole.foci[0].border_um);
  EXPECT_LT(cut.foci[0].area_mm2, 0.7 * whole.foci[0].area_mm2);
  // Blocks of a region add up to it.
  double tissue = 0;
  for (const InfiltrationBlock& b : r.blocks) tissue += b.tissue_mm2;
  EXPECT_NEAR(tissue, r.tissue_mm2, 1e-12);
}

}  // namespace
}  // namespace hexaplex
