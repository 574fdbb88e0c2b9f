#include "kernels/measure/region_stats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "kernels/measure/border_band.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

HostPlane<std::uint32_t> random_blobs(Extent e, unsigned seed, int labels) {
  std::mt19937 random(seed);
  HostPlane<std::uint32_t> plane(e, 0u);
  for (int i = 1; i <= labels; ++i) {
    const int cx = static_cast<int>(random() % static_cast<unsigned>(e.width)),
              cy = static_cast<int>(random() % static_cast<unsigned>(e.height)), r = static_cast<int>(random() % 9);
    for (int y = std::max(0, cy - r); y <= std::min(e.height - 1, cy + r); ++y)
      for (int x = std::max(0, cx - r); x <= std::min(e.width - 1, cx + r); ++x)
        if ((x - cx) * (x - cx) + (y - cy) * (y - cy) <= r * r) plane(x, y) = static_cast<std::uint32_t>(i);
  }
  return plane;
}

HostPlane<std::uint32_t> thinned(const HostPlane<std::uint32_t>& outer, unsigned seed) {
  std::mt19937 random(seed);
  HostPlane<std::uint32_t> inner = outer.copy();
  for (int y = 0; y < inner.height(); ++y)
    for (int x = 0; x < inner.width(); ++x)
      if (random() % 3 == 0) inner(x, y) = 0;
  return inner;
}

HostPlane<float> random_values(Extent e, unsigned seed, float scale) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-scale, scale);
  HostPlane<float> plane(e);
  for (std::int64_t i = 0; i < e.area(); ++i) plane.data()[i] = value(random);
  return plane;
}

TEST(FixedPoint, Keeps36BitsBelowTheLargestAndAllIntegers) {
  EXPECT_EQ(fixed_point_for(255).bits, 28);
  EXPECT_EQ(fixed_point_for(256).bits, 27);
  EXPECT_EQ(fixed_point_for(65535).bits, 20);
  EXPECT_EQ(fixed_point_for(-1.5f).bits, 35);
  EXPECT_EQ(fixed_point_for(0).bits, 0);
  EXPECT_EQ(fixed_point_for(4294967040.0f).bits, 4);  // the largest 32-bit integer a float holds
  const FixedPoint huge = fixed_point_for(3.4e38f), tiny = fixed_point_for(1e-44f);
  EXPECT_LE(to_fixed(3.4e38f, huge.scale), 0x1p36);
  EXPECT_EQ(to_fixed(1e-44f, tiny.scale) * tiny.unscale, static_cast<double>(1e-44f));
  EXPECT_EQ(to_fixed(2.5f, 1.0), 2.0);
  EXPECT_EQ(to_fixed(3.5f, 1.0), 4.0);
  EXPECT_EQ(to_fixed(-2.5f, 1.0), -2.0);
}

TEST(LabelRuns, ByHand) {
  const std::uint32_t outer[] = {7, 7, 0, 3, 3,  //
                                 7, 0, 0, 3, 7};
  const std::uint32_t inner[] = {0, 7, 0, 3, 3,  //
                                 0, 0, 0, 0, 7};
  const RegionRuns runs = label_runs(CpuQueue{}, {outer, {5, 2}, 5}, {inner, {5, 2}, 5}, 100, 10);
  EXPECT_EQ(runs.labels, (HostVector<std::uint32_t>{3, 7}));
  EXPECT_EQ(runs.first, (HostVector<std::int64_t>{0, 2, 6}));
  EXPECT_EQ(runs.runs, (HostVector<PixelRun>{{10, 103, 105, 1},
                                             {11, 103, 104, 0},
                                             {10, 100, 101, 0},
                                             {10, 101, 102, 1},
                                             {11, 100, 101, 0},
                                             {11, 104, 105, 1}}));
}

TEST(LabelRuns, EmptyPlanesSparseLabelsAndGaps) {
  EXPECT_EQ(label_runs(CpuQueue{}, {}, {}).size(), 0u);
  const HostPlane<std::uint32_t> background({37, 1}, 0u);
  EXPECT_EQ(label_runs(CpuQueue{}, background.view(), {}).size(), 0u);
  HostPlane<std::uint32_t> sparse({40, 3}, 0u);
  sparse(39, 0) = 4294967295u;
  sparse(0, 2) = 5;
  const RegionRuns runs = label_runs(CpuQueue{}, sparse.view(), {});
  EXPECT_EQ(runs.labels, (HostVector<std::uint32_t>{5, 4294967295u}));
  EXPECT_EQ(runs.of(1)[0], (PixelRun{0, 39, 40, 0}));
}

TEST(LabelRuns, AnInnerObjectOverAnotherRegionBelongsToBoth) {
  const std::uint32_t outer[] = {5, 5, 5, 6, 0, 0};
  const std::uint32_t inner[] = {0, 6, 6, 6, 0, 8};
  const RegionRuns runs = label_runs(CpuQueue{}, {outer, {6, 1}, 6}, {inner, {6, 1}, 6});
  EXPECT_EQ(runs.labels, (HostVector<std::uint32_t>{5, 6, 8}));
  EXPECT_EQ(runs.runs, (HostVector<PixelRun>{{0, 0, 1, 0}, {0, 1, 3, 0}, {0, 1, 3, 1}, {0, 3, 4, 1}, {0, 5, 6, 1}}));
}

TEST(BorderBand, IsWhatBruteForceFinds) {
  for (const int reach2 : {1, 2, 4, 9, 25, 50}) {
    const Extent e{61, 47};
    const auto outer = random_blobs(e, 5u + static_cast<unsigned>(reach2), 40);
    const auto inner = thinned(outer, 3);
    const RegionRuns regions = label_runs(CpuQueue{}, outer.view(), inner.view());
    BorderBand band(e, reach2);
    std::vector<PixelRun> out;
    const int reach = band.halo_px();
    for (std::size_t i = 0; i < regions.size(); ++i) {
      band.mark(regions.of(i), out);
      std::int64_t pixels = 0;
      for (const PixelRun& run : out)
        for (int x = run.begin; x < run.end; ++x, ++pixels) {
          ASSERT_EQ(outer(x, run.y), regions.labels[i]);
          bool near = false;
          for (int dy = -reach; dy <= reach; ++dy)
            for (int dx = -reach; dx <= reach; ++dx) {
              const int u = x + dx, v = run.y + dy;
              if (dx * dx + dy * dy > reach2 || u < 0 || v < 0 || u >= e.width || v >= e.height) continue;
              near = near || outer(u, v) != regions.labels[i];
            }
          ASSERT_EQ((run.part & kBorderPart) != 0, near) << x << "," << run.y << " reach2 " << reach2;
          ASSERT_EQ((run.part & kInnerPart) != 0, inner(x, run.y) != 0);
        }
      std::int64_t expected = 0;
      for (std::int64_t p = 0; p < e.area(); ++p) expected += outer.data()[p] == regions.labels[i];
      EXPECT_EQ(pixels, expected);
    }
  }
}

TEST(BorderBand, ARegionThatFillsTheImageHasNoBorder) {
  const HostPlane<std::uint32_t> all({9, 6}, 3u);
  const RegionRuns regions = label_runs(CpuQueue{}, all.view(), {});
  BorderBand band(all.extent(), 25);
  std::vector<PixelRun> out;
  band.mark(regions.of(0), out);
  for (const PixelRun& run : out) EXPECT_EQ(run.part, 0u);
  EXPECT_THROW(BorderBand(all.extent(), 0), InvalidArgument);
  EXPECT_THROW(BorderBand(all.extent(), 65 * 65), InvalidArgument);
}

struct Fixture {
  Extent e{150, 133};
  HostPlane<std::uint32_t> outer = random_blobs(e, 1, 200), inner = thinned(outer, 2);
  std::vector<HostPlane<float>> planes;
  std::vector<Plane<const float>> views;
  std::vector<FixedPoint> fixed;

  explicit Fixture(int channels, bool integers) {
    for (int c = 0; c < channels; ++c) {
      planes.push_back(random_values(e, 10u + static_cast<unsigned>(c), c % 2 ? 4095.0f : 65535.0f));
      if (integers)
        for (std::int64_t i = 0; i < e.area(); ++i) planes.back().data()[i] = std::floor(planes.back().data()[i]);
    }
    for (const auto& p : planes) views.push_back(p.view());
    for (const auto& v : views) fixed.push_back(fixed_point_for(largest_magnitude(CpuQueue{}, v)));
  }
};

TEST(RegionTable, IntegersAreExactAgainstBruteForce) {
  for (const int channels : {1, 3, 8, 11}) {
    const Fixture f(channels, true);
    const RegionRuns regions = label_runs(CpuQueue{}, f.outer.view(), f.inner.view());
    const RegionTable got = region_sums(CpuQueue{}, regions, {f.views, f.fixed});
    for (int c = 0; c < channels; ++c) {
      std::map<std::pair<std::uint32_t, int>, std::array<double, 5>> want;  // count, sum, squares, min, max
      for (int y = 0; y < f.e.height; ++y)
        for (int x = 0; x < f.e.width; ++x) {
          if (f.outer(x, y) == 0) continue;
          auto [it, fresh] = want.try_emplace({f.outer(x, y), f.inner(x, y) != 0}, std::array{0., 0., 0., 1e9, -1e9});
          auto& w = it->second;
          const double v = f.planes[static_cast<std::size_t>(c)](x, y);
          w[0] += 1, w[1] += v, w[2] += v * v, w[3] = std::min(w[3], v), w[4] = std::max(w[4], v);
        }
      const FixedPoint fixed = f.fixed[static_cast<std::size_t>(c)];
      for (std::size_t i = 0; i < regions.size(); ++i)
        for (int part = 0; part < 2; ++part) {
          const ChannelSums& s = got.sums_of(i)[static_cast<std::size_t>(part * channels + c)];
          const auto it = want.find({regions.labels[i], part});
          if (it == want.end()) {
            EXPECT_EQ(got.counts_of(i)[static_cast<std::size_t>(part)], 0);
            continue;
          }
          EXPECT_EQ(got.counts_of(i)[static_cast<std::size_t>(part)], it->second[0]);
          EXPECT_EQ(sum_of(s, fixed), it->second[1]);
          EXPECT_EQ(static_cast<double>(s.sum_squares) * fixed.unscale * fixed.unscale, it->second[2]);
          EXPECT_EQ(s.min, it->second[3]);
          EXPECT_EQ(s.max, it->second[4]);
        }
    }
  }
}

TEST(RegionTable, FloatsAgreeWithLongDouble) {
  const Fixture f(5, false);
  const RegionRuns regions = label_runs(CpuQueue{}, f.outer.view(), {});
  const RegionTable got = region_sums(CpuQueue{}, regions, {f.views, f.fixed});
  for (std::size_t i = 0; i < regions.size(); ++i)
    for (std::size_t c = 0; c < 5; ++c) {
      long double n = 0, sum = 0, squares = 0;
      for (const PixelRun& run : regions.of(i))
        for (int x = run.begin; x < run.end; ++x) n += 1, sum += f.planes[c](x, run.y);
      for (const PixelRun& run : regions.of(i))
        for (int x = run.begin; x < run.end; ++x)
          squares += (f.planes[c](x, run.y) - sum / n) * (f.planes[c](x, run.y) - sum / n);
      const ChannelSums& s = got.sums_of(i)[c];
      EXPECT_NEAR(mean_of(s, static_cast<std::int64_t>(n), f.fixed[c]), static_cast<double>(sum / n), 1e-6);
      EXPECT_NEAR(std_of(s, static_cast<std::int64_t>(n), f.fixed[c]), static_cast<double>(std::sqrt(squares / n)),
                  2e-6);
    }
}

TEST(RegionTable, TilesInAnyOrderAndThreadsGiveTheSameTable) {
  const Fixture f(3, false);
  const RegionTable whole =
      region_sums(CpuQueue{1}, label_runs(CpuQueue{1}, f.outer.view(), f.inner.view()), {f.views, f.fixed});
  for (const int tile : {16, 33, 64, 1000}) {
    std::vector<Rect> tiles;
    for (int y = 0; y < f.e.height; y += tile)
      for (int x = 0; x < f.e.width; x += tile)
        tiles.push_back({x, y, std::min(tile, f.e.width - x), std::min(tile, f.e.height - y)});
    std::shuffle(tiles.begin(), tiles.end(), std::mt19937(7));
    RegionTable sum;
    for (const Rect& t : tiles) {
      std::vector<Plane<const float>> views;
      for (const auto& v : f.views) views.push_back(v.window(t));
      sum.merge(region_sums(CpuQueue{},
                            label_runs(CpuQueue{}, f.outer.view().window(t), f.inner.view().window(t), t.x, t.y),
                            {views, f.fixed, t.x, t.y}));
    }
    EXPECT_EQ(sum.labels, whole.labels);
    EXPECT_EQ(sum.counts, whole.counts);
    EXPECT_TRUE(sum.sums == whole.sums) << tile;
  }
}

TEST(RegionTable, TheLargestValuesOfALongRunStayExact) {
  // Longer than one accumulator may take, every value at the top of the range.
  const Extent e{200001, 2};
  HostPlane<std::uint32_t> outer(e, 1u);
  HostPlane<float> plane(e, 65535.0f);
  const Plane<const float> view = plane.view();
  const FixedPoint fixed = fixed_point_for(65535);
  const RegionTable got = region_sums(CpuQueue{}, label_runs(CpuQueue{}, outer.view(), {}), {{&view, 1}, {&fixed, 1}});
  const std::int64_t n = e.area();
  EXPECT_EQ(got.counts_of(0)[0], n);
  EXPECT_TRUE(got.sums_of(0)[0].sum == (static_cast<int128>(65535) << fixed.bits) * n);
  EXPECT_TRUE(got.sums_of(0)[0].sum_squares == (static_cast<int128>(65535) * 65535 << (2 * fixed.bits)) * n);
  EXPECT_EQ(mean_of(got.sums_of(0)[0], n, fixed), 65535.0);
  EXPECT_EQ(std_of(got.sums_of(0)[0], n, fixed), 0.0);
}

TEST(RegionTable, MinusZeroCountsAsZero) {
  const std::uint32_t label[] = {1, 1};
  for (const bool swap : {false, true}) {
    const float values[] = {swap ? 0.0f : -0.0f, swap ? -0.0f : 0.0f};
    const Plane<const float> view{values, {2, 1}, 2};
    const FixedPoint fixed;
    const RegionTable s =
        region_sums(CpuQueue{}, label_runs(CpuQueue{}, {label, {2, 1}, 2}, {}), {{&view, 1}, {&fixed, 1}});
    EXPECT_FALSE(std::signbit(s.sums[0].min));
    EXPECT_FALSE(std::signbit(s.sums[0].max));
  }
}

TEST(LargestMagnitude, SeesBothSignsAndRefusesWhatIsNotFinite) {
  HostPlane<float> plane({70, 131}, 1.0f);
  plane(69, 130) = -7.5f;
  EXPECT_EQ(largest_magnitude(CpuQueue{}, plane.view()), 7.5f);
  EXPECT_EQ(largest_magnitude(CpuQueue{}, {}), 0.0f);
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    plane(3, 100) = bad;
    try {
      largest_magnitude(CpuQueue{}, plane.view());
      FAIL();
    } catch (const InvalidArgument& e) {
      EXPECT_NE(std::string(e.what()).find("(3, 100)"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace hexaplex
