#include "kernels/segment/climb.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "kernels/runtime/error.h"
#include "tests/support/labels.h"
#include "tests/support/landscapes.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::hard_landscapes;
using testing::Labels;
using testing::levels;
using testing::Mask;
using testing::random_mask;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;
using Pointers = HostPlane<std::uint8_t>;

Pointers pointers_of(const Pixels& landscape, const Mask& mask) {
  Pointers out(landscape.extent(), 77);
  CpuQueue q;
  climb_pointers(q, landscape.view(), mask.view(), out.view());
  return out;
}

struct Basins {
  Labels labels;
  HostVector<std::int64_t> roots;
};

Basins basins_of(const Pointers& pointers, int block_px = 256) {
  Basins out{Labels(pointers.extent(), 0xdead), {}};
  CpuQueue q;
  out.roots = label_basins(q, pointers.view(), out.labels.view(), block_px);
  return out;
}

/// The rule in words: the neighbour with the largest (rise x 7 or 5), the earliest of equals; else the earliest equal
/// neighbour before the pixel; else itself.
std::int64_t next_by_the_rule(const Pixels& landscape, const Mask& mask, int x, int y) {
  struct Neighbour {
    int slope, rise;
    std::int64_t index;
  };
  std::vector<Neighbour> around;
  for (int dy = -1; dy <= 1; ++dy)
    for (int dx = -1; dx <= 1; ++dx) {
      const int nx = x + dx, ny = y + dy;
      if ((dx == 0 && dy == 0) || nx < 0 || ny < 0 || nx >= mask.width() || ny >= mask.height()) continue;
      if (mask(nx, ny) == 0) continue;
      const int rise = landscape(nx, ny) - landscape(x, y);
      around.push_back({rise * (dx == 0 || dy == 0 ? 7 : 5), rise, std::int64_t{ny} * mask.width() + nx});
    }
  const std::int64_t own = std::int64_t{y} * mask.width() + x;
  std::int64_t to = own;
  int best = 0;
  for (const Neighbour& n : around)
    if (n.slope > best) best = n.slope, to = n.index;
  if (best > 0) return to;
  for (const Neighbour& n : around)
    if (n.rise == 0 && n.index < own) return n.index;
  return own;
}

/// Every pixel walks to its root on its own; roots are numbered in raster order.
Basins by_walking(const Pixels& landscape, const Mask& mask) {
  const int width = mask.width();
  std::vector<std::int64_t> root(mask.extent().area(), -1);
  Basins out{Labels(mask.extent(), 0), {}};
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < width; ++x) {
      if (mask(x, y) == 0) continue;
      std::int64_t at = std::int64_t{y} * width + x, steps = 0;
      for (;;) {
        const std::int64_t next =
            next_by_the_rule(landscape, mask, static_cast<int>(at % width), static_cast<int>(at / width));
        if (next == at) break;
        at = next;
        if (++steps > mask.extent().area()) {
          ADD_FAILURE() << "a cycle through " << at;
          return out;
        }
      }
      root[std::int64_t{y} * width + x] = at;
      if (at == std::int64_t{y} * width + x) out.roots.push_back(at);
    }
  for (std::int64_t i = 0; i < mask.extent().area(); ++i)
    if (root[i] >= 0)
      out.labels.data()[i] = static_cast<std::uint32_t>(std::lower_bound(out.roots.begin(), out.roots.end(), root[i]) -
                                                        out.roots.begin() + 1);
  return out;
}

TEST(Climb, PointsAsComputedByHand) {
  // The corner rises by 7 (35), the side by 5 (35): equal slopes, the earlier wins.
  Pixels land({3, 3}, 0);
  land(1, 1) = 10, land(0, 0) = 17, land(1, 0) = 15;
  const Mask all({3, 3}, 1);
  EXPECT_EQ(pointers_of(land, all)(1, 1), 0);
  land(1, 0) = 16;  // 42 beats 35
  EXPECT_EQ(pointers_of(land, all)(1, 1), 1);
  land(2, 2) = 19;  // 45 beats 42
  EXPECT_EQ(pointers_of(land, all)(1, 1), 8);
  Mask hole({3, 3}, 1);
  hole(2, 2) = 0;  // as if it were not there
  const Pointers masked = pointers_of(land, hole);
  EXPECT_EQ(masked(1, 1), 1);
  EXPECT_EQ(masked(2, 2), kClimbOutside);
  EXPECT_EQ(pointers_of(land, all)(2, 2), kClimbRoot);
}

TEST(Climb, DrainsAPlateauTowardsItsEarliestPixels) {
  const Pointers p = pointers_of(Pixels({3, 2}, 4), Mask({3, 2}, 1));
  const int want[2][3] = {{kClimbRoot, 3, 3}, {1, 0, 0}};
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 3; ++x) EXPECT_EQ(p(x, y), want[y][x]) << x << ", " << y;
  const Basins b = basins_of(p);
  EXPECT_EQ(b.roots, (HostVector<std::int64_t>{0}));
}

// The pointer rule of climb.h, for one pixel, as it is written there.
struct ClimbPixel {
  Plane<const std::uint16_t> landscape;
  Plane<const std::uint8_t> mask;
  Plane<std::uint8_t> pointers;

  std::int32_t at(int x, int y) const {
    const bool exists = x >= 0 && y >= 0 && x < mask.width() && y < mask.height() && mask(x, y) != 0;
    return exists ? static_cast<std::int32_t>(landscape(x, y)) : detail::kClimbNothing;
  }

  void operator()(int x, int y) const {
    const std::int32_t v = at(x, y);
    if (v < 0) {
      pointers(x, y) = 255;
      return;
    }
    std::int32_t best = 0;
    int to = 4, equal = 4;
    for (int k = 8; k >= 0; --k) {  // backwards, so that the first neighbour wins ties
      if (k == 4) continue;
      const std::int32_t n = at(x + k % 3 - 1, y + k / 3 - 1);
      const std::int32_t slope = (n - v) * ((k & 1) != 0 ? 7 : 5);
      if (slope > 0 && slope >= best) best = slope, to = k;
      if (k < 4 && n == v) equal = k;
    }
    pointers(x, y) = static_cast<std::uint8_t>(best > 0 ? to : equal);
  }
};

TEST(Climb, RowsEqualTheRuleBitForBit) {
  const auto compare = [](const Pixels& land, const Mask& mask) {
    Pointers want(land.extent());
    const ClimbPixel pixel{land.view(), mask.view(), want.view()};
    for (int y = 0; y < land.height(); ++y)
      for (int x = 0; x < land.width(); ++x) pixel(x, y);
    return same_pixels(want, pointers_of(land, mask));
  };
  for (const Extent e : testing::kEdgeShapes)
    for (unsigned count : {1u, 2u, 4u, 30u, 65536u})
      for (double density : {1.0, 0.9, 0.5, 0.0})
        EXPECT_TRUE(compare(levels(e, count, 1), random_mask(e, density, 2)))
            << e.width << " x " << e.height << ", " << count << " levels, density " << density;
  for (const auto& [name, land] : hard_landscapes()) EXPECT_TRUE(compare(land, Mask(land.extent(), 1))) << name;
}

TEST(Climb, EveryStepLeadsUpOrToAnEarlierEqual) {
  for (unsigned count : {1u, 3u, 65536u}) {
    const Pixels land = levels({83, 61}, count, 3);
    const Mask mask = random_mask({83, 61}, 0.8, 4);
    const Pointers p = pointers_of(land, mask);
    for (int y = 0; y < 61; ++y)
      for (int x = 0; x < 83; ++x) {
        if (p(x, y) == kClimbOutside || p(x, y) == kClimbRoot) continue;
        const int nx = x + p(x, y) % 3 - 1, ny = y + p(x, y) / 3 - 1;
        ASSERT_NE(mask(nx, ny), 0);
        ASSERT_TRUE(land(nx, ny) > land(x, y) || (land(nx, ny) == land(x, y) && ny * 83 + nx < y * 83 + x));
      }
  }
}

TEST(LabelBasins, EqualWalkingFromEveryPixel) {
  for (const Extent e : testing::kEdgeShapes)
    for (unsigned count : {1u, 2u, 6u, 65536u})
      for (double density : {1.0, 0.7}) {
        const Pixels land = levels(e, count, 5);
        const Mask mask = random_mask(e, density, 6);
        const Basins want = by_walking(land, mask), got = basins_of(pointers_of(land, mask));
        EXPECT_TRUE(same_pixels(want.labels, got.labels)) << e.width << " x " << e.height << ", " << count << " levels";
        EXPECT_EQ(want.roots, got.roots);
      }
}

TEST(LabelBasins, GiveTheSameLabelsForAnyBlockOnAdversarialLandscapes) {
  for (const auto& [name, land] : hard_landscapes())
    for (double density : {1.0, 0.95}) {
      const Mask mask = random_mask(land.extent(), density, 7);
      const Pointers pointers = pointers_of(land, mask);
      const Basins want = by_walking(land, mask);
      for (int block : {1, 2, 3, 7, 16, 33, 64, 1000}) {
        const Basins got = basins_of(pointers, block);
        EXPECT_TRUE(same_pixels(want.labels, got.labels)) << name << ", blocks of " << block;
        EXPECT_EQ(want.roots, got.roots) << name << ", blocks of " << block;
      }
    }
}

TEST(LabelBasins, FindOneBasinWhereThereIsOneTop) {
  for (const auto& [name, land] : hard_landscapes())
    EXPECT_TRUE((name != "one giant basin" && name != "all equal") ||
                basins_of(pointers_of(land, Mask(land.extent(), 1))).roots.size() == 1)
        << name;
}

TEST(Climb, GivesTheSamePointersInTilesOfAnySize) {
  const Pixels land = levels({131, 97}, 9, 8);
  const Mask mask({131, 97}, 1);
  for (int tile : {16, 33, 64})
    EXPECT_TRUE(same_pixels(pointers_of(land, mask),
                            testing::in_tiles<std::uint8_t>(
                                land, tile, 1, [](const Pixels& w) { return pointers_of(w, Mask(w.extent(), 1)); })));
}

TEST(Climb, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const Pixels land = levels({101, 271}, 40, 9);
  const Mask mask = random_mask({101, 271}, 0.85, 10);
  const Pointers want = pointers_of(land, mask);
  const Basins want_basins = by_walking(land, mask);
  testing::for_thread_counts([&] {
    testing::Framed<std::uint16_t> l(land, 65535);
    testing::Framed<std::uint8_t> m(mask, 1), p(Pointers(land.extent(), 1));
    testing::Framed<std::uint32_t> out(Labels(land.extent(), 1));
    CpuQueue q;
    climb_pointers(q, l.view(), m.view(), p.view());
    EXPECT_TRUE(same_pixels(want, p.pixels()));
    EXPECT_TRUE(p.surroundings_untouched());
    EXPECT_EQ(label_basins(q, p.view(), out.view(), 32), want_basins.roots);
    EXPECT_TRUE(same_pixels(want_basins.labels, out.pixels()));
    EXPECT_TRUE(out.surroundings_untouched());
  });
}

TEST(Climb, TakesEmptyPlanesAndRejectsWhatItsContractExcludes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes) {
    EXPECT_NO_THROW(climb_pointers(q, {nullptr, e, e.width}, {nullptr, e, e.width}, {nullptr, e, e.width}));
    EXPECT_TRUE(label_basins(q, {nullptr, e, e.width}, {nullptr, e, e.width}).empty());
  }
  Pixels land({4, 3}, 1);
  Mask mask({4, 3}, 1), other({3, 4}, 1);
  Pointers p({4, 3});
  Labels labels({4, 3}), small({3, 3});
  EXPECT_THROW(climb_pointers(q, land.view(), other.view(), p.view()), InvalidArgument);
  EXPECT_THROW(climb_pointers(q, land.view(), mask.view(), other.view()), InvalidArgument);
  climb_pointers(q, land.view(), mask.view(), p.view());
  EXPECT_THROW(label_basins(q, p.view(), small.view()), InvalidArgument);
  for (int block : {0, -1}) EXPECT_THROW(label_basins(q, p.view(), labels.view(), block), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
