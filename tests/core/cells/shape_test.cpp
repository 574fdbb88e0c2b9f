#include "core/cells/shape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

// Rows of '#' and '.', placed at (x0, y0).
std::vector<PixelRun> runs_of(const std::vector<std::string>& rows, int x0 = 0, int y0 = 0) {
  std::vector<PixelRun> runs;
  for (std::size_t y = 0; y < rows.size(); ++y)
    for (std::size_t x = 0; x < rows[y].size(); ++x)
      if (rows[y][x] == '#')
        runs.push_back({y0 + static_cast<int>(y), x0 + static_cast<int>(x), x0 + static_cast<int>(x) + 1, 0});
  return runs;
}

TEST(Shape, OnePixel) {
  const Shape s = ShapeMeter().measure(runs_of({"#"}, 7, 9), true);
  EXPECT_EQ(s.area_px, 1);
  EXPECT_EQ(s.centroid_x_px, 7);
  EXPECT_EQ(s.centroid_y_px, 9);
  EXPECT_EQ(s.major_axis_px, 0);
  EXPECT_EQ(s.eccentricity, 0);
  EXPECT_EQ(s.perimeter_px, 0);
  EXPECT_TRUE(std::isnan(s.circularity));
  EXPECT_EQ(s.solidity, 1);
  EXPECT_EQ(s.extent, 1);
  EXPECT_EQ(s.max_caliper_px, 1);
  EXPECT_DOUBLE_EQ(s.min_caliper_px, std::sqrt(0.5));
  EXPECT_EQ(s.box_x, 7);
  EXPECT_EQ(s.box_height, 1);
}

TEST(Shape, SquareByHand) {
  const Shape s = ShapeMeter().measure(runs_of({"####", "####", "####", "####"}), true);
  EXPECT_EQ(s.area_px, 16);
  EXPECT_EQ(s.perimeter_px, 12);  // the outline through the centres of the border pixels
  EXPECT_DOUBLE_EQ(s.major_axis_px, 4 * std::sqrt(1.25));
  EXPECT_DOUBLE_EQ(s.minor_axis_px, 4 * std::sqrt(1.25));
  EXPECT_EQ(s.eccentricity, 0);
  EXPECT_EQ(s.solidity, 1);
  EXPECT_DOUBLE_EQ(s.min_caliper_px, 4);
  EXPECT_DOUBLE_EQ(s.max_caliper_px, 5);  // between the middles of edges (-0.5, 0) and (3.5, 3): 3-4-5
}

TEST(Shape, NothingIsNaN) {
  const Shape s = ShapeMeter().measure({}, true);
  EXPECT_EQ(s.area_px, 0);
  EXPECT_TRUE(std::isnan(s.centroid_x_px));
  EXPECT_TRUE(std::isnan(s.min_caliper_px));
}

// Reference values: scikit-image 0.19.3 regionprops of the same picture.
TEST(Shape, LBlobWithHoleAndIslandAgreesWithScikitImage) {
  const Shape s = ShapeMeter().measure(
      runs_of({".####......", "######.....", "##..###....", "##.####..##", "#######..##", ".#####.....", "..###......"},
              3, 5),
      true);
  EXPECT_EQ(s.area_px, 40);
  EXPECT_NEAR(s.centroid_y_px, 7.975, 1e-12);
  EXPECT_NEAR(s.centroid_x_px, 6.575, 1e-12);
  EXPECT_NEAR(s.perimeter_px, 22.485281374238568, 1e-12);
  EXPECT_NEAR(s.major_axis_px, 10.575116084993505, 1e-12);
  EXPECT_NEAR(s.minor_axis_px, 6.845941848198217, 1e-12);
  EXPECT_NEAR(s.eccentricity, 0.762181593920778, 1e-12);
  EXPECT_NEAR(s.orientation_rad, 1.4170766315361045, 1e-12);
  EXPECT_NEAR(s.solidity, 0.7017543859649122, 1e-12);
  EXPECT_NEAR(s.extent, 0.5194805194805194, 1e-12);
}

TEST(Shape, AMeterKeepsNothingFromTheObjectBefore) {
  ShapeMeter meter;
  const auto ragged = runs_of({"#.#.#", ".....", "#####", "..#.."});
  const Shape alone = ShapeMeter().measure(ragged, true);
  meter.measure(runs_of({"##########", "##########", "#........#", "##########"}), true);
  const Shape after = meter.measure(ragged, true);
  EXPECT_EQ(alone.perimeter_px, after.perimeter_px);
  EXPECT_EQ(alone.solidity, after.solidity);
  EXPECT_EQ(alone.max_caliper_px, after.max_caliper_px);
}

TEST(Shape, MovedAndTurnedObjectsHaveTheSameShape) {
  const std::vector<std::string> rows{"###....", "#####..", "..#####", "....###"};
  std::vector<std::string> turned(7, "....");
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 0; x < 7; ++x) turned[x][3 - y] = rows[y][x];
  const Shape a = ShapeMeter().measure(runs_of(rows), true),
              b = ShapeMeter().measure(runs_of(rows, 90000, 99990), true),
              c = ShapeMeter().measure(runs_of(turned), true);
  EXPECT_EQ(a.major_axis_px, b.major_axis_px);
  EXPECT_EQ(a.orientation_rad, b.orientation_rad);
  EXPECT_EQ(a.solidity, b.solidity);
  EXPECT_EQ(a.max_caliper_px, b.max_caliper_px);
  EXPECT_EQ(a.major_axis_px, c.major_axis_px);
  EXPECT_EQ(a.minor_axis_px, c.minor_axis_px);
  EXPECT_EQ(a.perimeter_px, c.perimeter_px);
  EXPECT_EQ(a.solidity, c.solidity);
  EXPECT_EQ(a.max_caliper_px, c.max_caliper_px);
  EXPECT_EQ(a.min_caliper_px, c.min_caliper_px);
  EXPECT_DOUBLE_EQ(std::abs(a.orientation_rad - c.orientation_rad), std::acos(-1.0) / 2);
}

TEST(Shape, CalipersAreWhatBruteForceFinds) {
  // Widths over many directions bound the exact calipers from inside.
  const auto runs = runs_of({"..##...", ".#####.", "#######", "######.", ".##...."});
  const Shape s = ShapeMeter().measure(runs, true);
  double widest = 0, narrowest = 1e9;
  for (int step = 0; step < 36000; ++step) {
    const double a = std::acos(-1.0) * step / 36000, cx = std::cos(a), cy = std::sin(a);
    double low = 1e9, high = -1e9;
    for (const auto& r : runs)
      for (const auto& [dx, dy] : {std::pair{.5, 0.}, {-.5, 0.}, {0., .5}, {0., -.5}}) {
        const double t = (r.begin + dx) * cx + (r.y + dy) * cy;
        low = std::min(low, t), high = std::max(high, t);
      }
    widest = std::max(widest, high - low), narrowest = std::min(narrowest, high - low);
  }
  EXPECT_NEAR(s.max_caliper_px, widest, 1e-6);
  EXPECT_LE(s.min_caliper_px, narrowest + 1e-12);
  EXPECT_NEAR(s.min_caliper_px, narrowest, 1e-3);
}

}  // namespace
}  // namespace hexaplex
