#include "kernels/segment/local_threshold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/filter/gaussian.h"
#include "kernels/runtime/error.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Mask;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

LevelGrid level_of(const Pixels& src, const LocalLevelParams& p) {
  CpuQueue q;
  return local_level(q, src.view(), p);
}

/// The interpolated level of every pixel, in units of 1 / (4 stride^2).
HostPlane<std::uint32_t> every_level(const LevelGrid& grid, Extent extent) {
  HostPlane<std::uint32_t> out(extent);
  for (int y = 0; y < extent.height; ++y) level_row(grid, y, extent.width, &out(0, y));
  return out;
}

/// The grid from its definition, in plain loops over pixels. The Gaussian is tested on its own.
Pixels grid_by_definition(const Pixels& src, const LocalLevelParams& p) {
  const int s = level_stride(p.window_px), r = std::max(1, p.window_px / s / 2);
  const Extent cells{(src.width() + s - 1) / s, (src.height() + s - 1) / s};
  Pixels mixed(cells), out(cells);
  for (int cy = 0; cy < cells.height; ++cy)
    for (int cx = 0; cx < cells.width; ++cx) {
      int low = 65535, high = 0;
      for (int y = std::max(0, (cy - r) * s); y < std::min(src.height(), (cy + r + 1) * s); ++y)
        for (int x = std::max(0, (cx - r) * s); x < std::min(src.width(), (cx + r + 1) * s); ++x)
          low = std::min<int>(low, src(x, y)), high = std::max<int>(high, src(x, y));
      const auto weight = static_cast<std::int64_t>(p.fraction * 65536 + 0.5);
      mixed(cx, cy) = static_cast<std::uint16_t>(low + (((high - low) * weight + 32768) >> 16));
    }
  Queue q = CpuQueue{};
  gaussian_blur(q, mixed.view(), out.view(), {std::max(0.5, 0.5 * p.window_px / s)});
  return out;
}

TEST(LevelStride, IsAPowerOfTwoThatLeavesSevenToFourteenCellsAWindow) {
  EXPECT_EQ(level_stride(3), 1);
  EXPECT_EQ(level_stride(13), 1);
  EXPECT_EQ(level_stride(14), 2);
  EXPECT_EQ(level_stride(29), 4);
  EXPECT_EQ(level_stride(1024), kLargestLevelStride);
  for (int window = 7; window < 900; ++window) {
    const int s = level_stride(window);
    EXPECT_EQ(s & (s - 1), 0);
    EXPECT_LE(7 * s, window);
    EXPECT_TRUE(s == kLargestLevelStride || 14 * s > window);
  }
}

TEST(LocalLevel, LiesOnAConstantImageExactly) {
  for (std::uint16_t value : {0, 1, 777, 65535})
    for (int window : {3, 15, 29, 200, 1024}) {
      const Pixels src({71, 53}, value);
      const LevelGrid grid = level_of(src, {window, 0.45});
      const auto level = every_level(grid, src.extent());
      const std::uint32_t want = value * 4u * static_cast<std::uint32_t>(grid.stride * grid.stride);
      EXPECT_TRUE(same_pixels(HostPlane<std::uint32_t>(src.extent(), want), level)) << value << ", window " << window;
    }
}

TEST(LocalLevel, IsTheMinimumAtZeroAndTheMaximumAtOne) {
  Pixels src({32, 32}, 500);
  src(3, 4) = 100, src(30, 20) = 900;
  ASSERT_EQ(level_of(src, {1024, 0}).level.extent(), (Extent{1, 1}));
  EXPECT_EQ(level_of(src, {1024, 0}).level(0, 0), 100);
  EXPECT_EQ(level_of(src, {1024, 1}).level(0, 0), 900);
  EXPECT_EQ(level_of(src, {1024, 0.5}).level(0, 0), 500);
}

TEST(LocalLevel, EqualsItsDefinitionOnEveryShape) {
  for (const Extent e : {Extent{1, 1}, {1, 70}, {70, 1}, {3, 5}, {101, 67}, {64, 64}, {65, 129}})
    for (int window : {3, 14, 29, 61, 400})
      for (double fraction : {0.0, 0.45, 1.0}) {
        const Pixels src = random_plane<std::uint16_t>(e, 1);
        EXPECT_TRUE(same_pixels(grid_by_definition(src, {window, fraction}), level_of(src, {window, fraction}).level))
            << e.width << " x " << e.height << ", window " << window << ", fraction " << fraction;
      }
}

TEST(LocalLevel, InterpolatesBetweenCellCentres) {
  const Pixels src = random_plane<std::uint16_t>({90, 77}, 2);
  for (int window : {5, 14, 29, 120}) {
    const LevelGrid grid = level_of(src, {window, 0.45});
    const auto level = every_level(grid, src.extent());
    const auto cell = [&](int x, int y) {
      return grid.level(std::clamp(x, 0, grid.level.width() - 1), std::clamp(y, 0, grid.level.height() - 1));
    };
    for (int y = 0; y < src.height(); ++y)
      for (int x = 0; x < src.width(); ++x) {
        const double u = (x + 0.5) / grid.stride - 0.5, v = (y + 0.5) / grid.stride - 0.5;
        const int cx = static_cast<int>(std::floor(u)), cy = static_cast<int>(std::floor(v));
        const double fx = u - cx, fy = v - cy;  // powers of two below: exact
        const double want = (cell(cx, cy) * (1 - fx) + cell(cx + 1, cy) * fx) * (1 - fy) +
                            (cell(cx, cy + 1) * (1 - fx) + cell(cx + 1, cy + 1) * fx) * fy;
        ASSERT_EQ(level(x, y), want * 4 * grid.stride * grid.stride) << x << ", " << y << ", window " << window;
      }
  }
}

TEST(LocalLevel, GivesTheSameMaskInAlignedTilesOfAnySize) {
  const Pixels src = random_plane<std::uint16_t>({333, 290}, 3);
  CpuQueue q;
  const auto masked = [&](const Pixels& image, const LocalLevelParams& p) {
    Mask mask(image.extent());
    above_level(q, image.view(), local_level(q, image.view(), p), 20000, mask.view());
    return mask;
  };
  for (const LocalLevelParams p : {LocalLevelParams{3, 0.45}, {15, 0.3}, {29, 0.45}, {57, 0.6}})
    for (int tile : {16, 50, 64, 100, 256})
      EXPECT_TRUE(same_pixels(masked(src, p), testing::in_tiles<std::uint8_t>(
                                                  src, tile, level_halo(p),
                                                  [&](const Pixels& w) { return masked(w, p); }, kLargestLevelStride)))
          << "tile " << tile << ", window " << p.window_px;
}

TEST(AboveLevel, WantsMoreThanTheLevelAndMoreThanTheFloor) {
  Pixels src({3, 1});
  src(0, 0) = 10, src(1, 0) = 11, src(2, 0) = 12;
  LevelGrid grid{1, Pixels({3, 1}, 10)};
  Mask mask({3, 1});
  CpuQueue q;
  above_level(q, src.view(), grid, 0, mask.view());
  EXPECT_EQ(mask(0, 0), 0);
  EXPECT_EQ(mask(1, 0), 1);
  above_level(q, src.view(), grid, 11, mask.view());
  EXPECT_EQ(mask(1, 0), 0);
  EXPECT_EQ(mask(2, 0), 1);
}

TEST(LocalLevel, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const Pixels src = random_plane<std::uint16_t>({201, 303}, 4);
  const LocalLevelParams p{29, 0.45};
  const LevelGrid want = level_of(src, p);
  testing::for_thread_counts([&] {
    testing::Framed<std::uint16_t> in(src);
    testing::Framed<std::uint8_t> mask(Mask(src.extent(), 3));
    CpuQueue q;
    const LevelGrid got = local_level(q, in.view(), p);
    EXPECT_TRUE(same_pixels(want.level, got.level));
    above_level(q, in.view(), got, 100, mask.view());
    EXPECT_TRUE(mask.surroundings_untouched());
  });
}

TEST(LocalLevel, TakesEmptyPlanes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes) {
    const LevelGrid grid = local_level(q, {nullptr, e, e.width}, {});
    EXPECT_TRUE(grid.level.extent().empty());
    EXPECT_NO_THROW(above_level(q, {nullptr, e, e.width}, grid, 0, {nullptr, e, e.width}));
  }
}

TEST(LocalLevel, RejectsWhatItsContractExcludes) {
  CpuQueue q;
  const Pixels src({8, 6}, 1);
  Mask other({6, 8});
  for (int window : {2, 0, -5, 1025}) EXPECT_THROW(local_level(q, src.view(), {window, 0.5}), InvalidArgument);
  for (double f : {-0.01, 1.01, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(local_level(q, src.view(), {29, f}), InvalidArgument) << f;
  EXPECT_THROW(above_level(q, src.view(), local_level(q, src.view(), {}), 0, other.view()), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
