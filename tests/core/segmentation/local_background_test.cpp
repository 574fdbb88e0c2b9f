#include "core/segmentation/local_background.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/segmentation/source.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/streamed_planes.h"
#include "tests/support/pixels.h"

namespace hexaplex {
namespace {

constexpr BackgroundRule kRule{20, 100, 300};

WindowLoader loader_of(const HostPlane<std::uint16_t>& image) {
  return [&image](CpuQueue&, Rect r, Plane<std::uint16_t> dst) {
    for (int y = 0; y < r.height; ++y) std::memcpy(dst.row(y), image.view().row(r.y + y) + r.x, 2u * r.width);
  };
}

// Random counts on a ground that rises to the right, and glass at the top.
HostPlane<std::uint16_t> rising(Extent e) {
  HostPlane<std::uint16_t> image = testing::random_plane<std::uint16_t>(e, 7);
  for (int y = 0; y < e.height; ++y)
    for (int x = 0; x < e.width; ++x)
      image(x, y) = static_cast<std::uint16_t>(y < 41 ? image(x, y) % 100 : 50 * x + image(x, y) % 2000);
  return image;
}

// The level of each square by sorting all of it, interpolated in doubles.
double expected_level(const HostPlane<std::uint16_t>& image, int x, int y) {
  const int side = kRule.square_px;
  const int columns = (image.width() + side - 1) / side, rows = (image.height() + side - 1) / side;
  const auto of_square = [&](int column, int row) -> double {
    column = std::clamp(column, 0, columns - 1), row = std::clamp(row, 0, rows - 1);
    std::vector<std::uint16_t> all;
    for (int j = row * side; j < std::min(image.height(), (row + 1) * side); ++j)
      for (int i = column * side; i < std::min(image.width(), (column + 1) * side); ++i)
        if (image(i, j) >= kRule.stained) all.push_back(image(i, j));
    if (static_cast<int>(all.size()) <= side * side / 10) return kRule.at_least;
    std::sort(all.begin(), all.end());
    return std::max(all[all.size() / 6], kRule.at_least);
  };
  const double u = (x + 0.5) / side - 0.5, v = (y + 0.5) / side - 0.5;
  const int column = static_cast<int>(std::floor(u)), row = static_cast<int>(std::floor(v));
  const double a = u - column, b = v - row;
  return (of_square(column, row) * (1 - a) + of_square(column + 1, row) * a) * (1 - b) +
         (of_square(column, row + 1) * (1 - a) + of_square(column + 1, row + 1) * a) * b;
}

TEST(LocalBackground, IsInterpolatedBetweenSquares) {
  const HostPlane<std::uint16_t> image = rising({131, 97});
  CpuQueue q;
  const LocalBackground background(q, image.extent(), kRule, loader_of(image));
  HostPlane<std::uint16_t> left(image.extent(), 65535);
  background.subtract({0, 0, 131, 97}, left.view());
  for (int y = 0; y < 97; ++y)
    for (int x = 0; x < 131; ++x) ASSERT_NEAR(65535 - left(x, y), expected_level(image, x, y), 1.5) << x << ' ' << y;
  EXPECT_EQ(left(60, 3), 65535 - 300) << "glass: what all tissue has";
  EXPECT_LT(left(130, 90), left(70, 90));
}

TEST(LocalBackground, IsTheSameInAnyWindowAndByAnyThreads) {
  const HostPlane<std::uint16_t> image = rising({131, 97});
  CpuQueue all, one{1};
  const LocalBackground background(all, image.extent(), kRule, loader_of(image));
  HostPlane<std::uint16_t> whole(image.extent());
  std::memcpy(whole.data(), image.data(), image.bytes());
  background.subtract({0, 0, 131, 97}, whole.view());
  const LocalBackground again(one, image.extent(), kRule, loader_of(image));
  for (const Rect window : {Rect{0, 0, 1, 1}, Rect{9, 10, 2, 3}, Rect{10, 0, 20, 97}, Rect{37, 41, 94, 56}}) {
    HostPlane<std::uint16_t> part(window.extent());
    loader_of(image)(one, window, part.view());
    again.subtract(window, part.view());
    for (int y = 0; y < window.height; ++y)
      for (int x = 0; x < window.width; ++x) ASSERT_EQ(part(x, y), whole(window.x + x, window.y + y)) << x << ' ' << y;
  }
}

// Glass between pieces is read by nobody, and a square on the border of two pieces counts the pixels of both.
TEST(LocalBackground, CountsTissueOfAllPieces) {
  const HostPlane<std::uint16_t> image = rising({431, 97});
  const TissueArea area(image.extent(), std::vector<Rect>{{0, 41, 45, 56}, {345, 50, 86, 40}});
  CpuQueue q;
  HostPlane<std::uint16_t> tissue(image.extent(), 0);
  for (const Rect& r : area.pieces())
    for (int y = r.y; y < r.bottom(); ++y)
      for (int x = r.x; x < r.right(); ++x) tissue(x, y) = image(x, y);
  const LocalBackground pieces(q, area, kRule, [&](CpuQueue& queue, Rect r, Plane<std::uint16_t> dst) {
    EXPECT_TRUE(area.piece_around(r)) << "a window of no piece";
    loader_of(image)(queue, r, dst);
  });
  const LocalBackground dark(q, image.extent(), kRule, loader_of(tissue));
  HostPlane<std::uint16_t> a(image.extent(), 60000), b(image.extent(), 60000);
  pieces.subtract({0, 0, 431, 97}, a.view());
  dark.subtract({0, 0, 431, 97}, b.view());
  EXPECT_TRUE(testing::same_pixels(a, b));
}

// Epithelium has a tint of its own, which slide-wide levels take for nuclei.
TEST(LocalBackground, TakesTheTintOfTissueAway) {
  constexpr Extent kHalf{300, 300};
  const testing::PaintedNuclei painted = testing::paint_field(kHalf, 30, 7, 0.3, 4);
  HostPlane<float> tissue({600, 300});
  for (int y = 0; y < 300; ++y)
    for (int x = 0; x < 600; ++x)
      tissue(x, y) = (x < 300 ? 0.05f : 0.45f) + (painted.truth(x % 300, y) != 0 ? 0.4f : 0.0f);
  CpuQueue q;
  const test::StreamedPlanes channels(tissue.extent(), {"Haematoxylin"}, {tissue.view()});
  // Pixels of the ground that could be nuclei, right of where the level has followed the tint.
  const auto bright_ground = [&](int square_px) {
    SegmentationChannels which;
    which.background_square_px = square_px;
    const NucleiSource source(q, channels, which, 128);
    HostPlane<std::uint16_t> counts(tissue.extent());
    source.images({0, 0, 600, 300}).nuclear(q, {0, 0, 600, 300}, counts.view());
    int bright = 0, ground = 0;
    for (int y = 0; y < 300; ++y)
      for (int x = 360; x < 600; ++x) {
        if (painted.truth(x % 300, y) != 0) {
          EXPECT_GT(counts(x, y), source.nuclear_counts(0.35)) << "a nucleus at " << x << ' ' << y;
          continue;
        }
        ++ground;
        bright += counts(x, y) > source.nuclear_counts(0.05) ? 1 : 0;
      }
    return static_cast<double>(bright) / ground;
  };
  EXPECT_LT(bright_ground(100), 0.01);
  EXPECT_GT(bright_ground(100000), 0.99) << "one square: a level of the whole slide";
}

}  // namespace
}  // namespace hexaplex
