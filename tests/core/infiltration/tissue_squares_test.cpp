#include "core/infiltration/tissue_squares.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/labels.h"
#include "tests/support/windows.h"

namespace hexaplex::detail {
namespace {

using hexaplex::testing::Mask;

void paint(HostPlane<float>& plane, Rect where, float value) {
  for (int y = where.y; y < where.bottom(); ++y)
    for (int x = where.x; x < where.right(); ++x) plane(x, y) = value;
}

std::int64_t count(const Mask& mask) {
  return std::count(mask.data(), mask.data() + mask.extent().area(), std::uint8_t{1});
}

// Squares of one pixel, 10 µm each way: 100 µm² each.
TissueSquares found(const HostPlane<float>& density, double hole_um2 = 300) {
  const SquareScale scale(density.extent(), 10, 10);
  const HeldChannels channels(density.extent(), {"H"}, {density.view()});
  return find_tissue_squares(CpuQueue{}, channels, std::vector<double>{1}, scale, 0.02, hole_um2);
}

TEST(SquareScale, HasSquaresOfWholePixels) {
  const SquareScale scale({10, 7}, 0.5, 2);
  EXPECT_EQ(scale.side_px, 4);
  EXPECT_EQ(scale.grid(), (Extent{3, 2}));
  EXPECT_EQ(scale.area_um2(), 4);
  const SquareScale rounded({10, 7}, 0.5, 2.3);
  EXPECT_EQ(rounded.side_px, 5);
  EXPECT_EQ(rounded.side_um, 2.5);
  const SquareScale least({10, 7}, 4, 1);
  EXPECT_EQ(least.side_px, 1) << "a square has a pixel at least";
  EXPECT_EQ(least.side_um, 4);
}

TEST(SquareScale, FindsTheSquareOfAPoint) {
  const SquareScale scale({10, 7}, 0.5, 2);
  // The centre of pixel 3, the last one of its square, is 1.5 µm from that of pixel 0; it reaches to 1.75.
  EXPECT_EQ(scale.column_at(0), 0);
  EXPECT_EQ(scale.column_at(1.74), 0);
  EXPECT_EQ(scale.column_at(1.75), 1);
  EXPECT_EQ(scale.column_at(4.5), 2);
  EXPECT_EQ(scale.column_at(-4), 0);
  EXPECT_EQ(scale.column_at(99), 2);
  EXPECT_EQ(scale.row_at(3), 1);
  EXPECT_EQ(scale.row_at(99), 1);
}

TEST(TissueSquares, AreDenseEnoughOverAllChannels) {
  // One square of 2 x 2 pixels each; the last column is cut to one pixel.
  HostPlane<float> a({7, 2}, 0.0f), b({7, 2}, 0.0f);
  paint(a, {0, 0, 2, 2}, 0.0625f);                                     // 0.5 * 0.0625 = 0.03125: too little
  paint(a, {2, 0, 2, 2}, 0.0625f), paint(b, {2, 0, 2, 2}, 0.015625f);  // and 2 * 0.015625: enough, exactly
  paint(b, {4, 0, 1, 2}, 0.0625f);                                     // half of the square, 0.125: enough, exactly
  paint(b, {6, 0, 1, 1}, 0.0625f);                                     // half of the cut one
  const HeldChannels channels({7, 2}, {"a", "b"}, {a.view(), b.view()});
  const SquareScale scale({7, 2}, 5, 10);
  const TissueSquares s = find_tissue_squares(CpuQueue{}, channels, std::vector<double>{0.5, 2}, scale, 0.0625, 0);
  EXPECT_EQ(s.tissue.extent(), (Extent{4, 1}));
  EXPECT_EQ(s.tissue(0, 0), 0);
  EXPECT_EQ(s.tissue(1, 0), 1);
  EXPECT_EQ(s.tissue(2, 0), 1);
  EXPECT_EQ(s.tissue(3, 0), 1);
}

TEST(TissueSquares, GapsAreTissueVesselsOrGlassByTheirSize) {
  HostPlane<float> density({80, 60}, 0.1f);
  paint(density, {2, 2, 2, 1}, 0);      // 200 µm²: below hole_um2
  paint(density, {8, 2, 3, 1}, 0);      // 300 µm²: not below
  paint(density, {5, 10, 19, 10}, 0);   // 19,000 µm²
  paint(density, {40, 10, 20, 10}, 0);  // 20,000 µm²: as large as glass
  paint(density, {79, 30, 1, 1}, 0);    // small, but nobody knows how large it is beyond the slide's edge
  const TissueSquares s = found(density);
  EXPECT_EQ(count(s.vessels), 3 + 190);
  EXPECT_EQ(count(s.outside), 200 + 1);
  EXPECT_EQ(count(s.tissue), 80 * 60 - 3 - 190 - 200 - 1);
  EXPECT_EQ(s.tissue(2, 2), 1);
  EXPECT_EQ(s.vessels(8, 2), 1);
  EXPECT_EQ(s.vessels(5, 10), 1);
  EXPECT_EQ(s.outside(40, 10), 1);
  EXPECT_EQ(s.outside(79, 30), 1);
}

TEST(TissueSquares, SmallSpecksAreNone) {
  HostPlane<float> density({40, 40}, 0.0f);
  paint(density, {3, 3, 2, 1}, 0.1f), paint(density, {10, 10, 3, 1}, 0.1f);
  const TissueSquares s = found(density);
  EXPECT_EQ(count(s.tissue), 3);
  EXPECT_EQ(count(s.outside), 1600 - 3);
  EXPECT_EQ(count(s.vessels), 0);
}

TEST(TissueSquares, AreTheSameForAnyWindowsAndThreads) {
  // Wider and higher than one window; every square is one thing or the other.
  HostPlane<float> density({2300, 1100});
  for (int y = 0; y < 1100; ++y)
    for (int x = 0; x < 2300; ++x) density(x, y) = ((x / 30) * 7 + (y / 30) * 13) % 5 < 3 ? 0.1f : 0.0f;
  const SquareScale scale(density.extent(), 1, 3);
  const HeldChannels channels(density.extent(), {"H"}, {density.view()});
  hexaplex::testing::for_thread_counts([&] {
    const TissueSquares s = find_tissue_squares(CpuQueue{}, channels, std::vector<double>{1}, scale, 0.02, 0);
    std::int64_t wrong = 0;
    for (int y = 0; y < s.tissue.height(); ++y)
      for (int x = 0; x < s.tissue.width(); ++x) {
        const int expected = ((x / 10) * 7 + (y / 10) * 13) % 5 < 3;
        wrong += s.tissue(x, y) != expected || s.tissue(x, y) + s.vessels(x, y) + s.outside(x, y) != 1;
      }
    EXPECT_EQ(wrong, 0);
  });
}

TEST(CoveredSquares, AreThoseOfWhichWantedCellsTakeHalf) {
  LabelPair labels{{}, hexaplex::testing::Labels({8, 2}, 0)};
  auto& cell = labels.cell;
  cell(0, 0) = 4, cell(1, 0) = 4;                  // half
  cell(2, 0) = 4;                                  // a quarter
  cell(4, 0) = 4, cell(5, 1) = 9;                  // half, of two cells
  cell(6, 0) = 6, cell(7, 0) = 6, cell(6, 1) = 5;  // not wanted; of no row
  const std::vector<std::uint32_t> ids{4, 6, 9};
  const std::vector<std::uint8_t> wanted{1, 0, 1};
  const Mask covered = covered_squares(CpuQueue{}, labels, SquareScale({8, 2}, 1, 2), ids, wanted);
  EXPECT_EQ(std::vector<int>(covered.data(), covered.data() + 4), (std::vector<int>{1, 0, 1, 0}));
}

TEST(Closed, IsDilatingAndErodingByTheDisc) {
  unsigned seed = 0;
  for (const double radius : {0.0, 1.0, 1.5, 2.0, 4.0, 7.3})
    for (const double density : {0.005, 0.05, 0.4}) {
      const Mask mask = hexaplex::testing::random_mask({53, 37}, density, ++seed);
      const auto near = [&](const Mask& m, int x, int y, std::uint8_t what) {
        for (int v = 0; v < m.height(); ++v)
          for (int u = 0; u < m.width(); ++u)
            if (m(u, v) == what && (u - x) * (u - x) + (v - y) * (v - y) <= radius * radius) return true;
        return false;
      };
      Mask wide(mask.extent());
      for (int y = 0; y < mask.height(); ++y)
        for (int x = 0; x < mask.width(); ++x) wide(x, y) = near(mask, x, y, 1);
      const Mask found = closed(CpuQueue{}, mask, radius);
      std::int64_t wrong = 0;
      for (int y = 0; y < mask.height(); ++y)
        for (int x = 0; x < mask.width(); ++x) wrong += found(x, y) != !near(wide, x, y, 0);
      EXPECT_EQ(wrong, 0) << "radius " << radius << ", density " << density;
    }
}

}  // namespace
}  // namespace hexaplex::detail
