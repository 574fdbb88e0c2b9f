#include "kernels/segment/merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "kernels/runtime/error.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"

namespace hexaplex {
namespace {

using testing::Labels;
using testing::random_labels;
using testing::random_plane;

constexpr double kPi = 3.14159265358979323846;

/// A w x h rectangle at (x0, y0), of level and wall in units of the parameters below.
RegionSums rectangle(std::int64_t x0, std::int64_t y0, int w, int h, int level, int wall = 0) {
  RegionSums s;
  for (std::int64_t y = y0; y < y0 + h; ++y)
    for (std::int64_t x = x0; x < x0 + w; ++x) s.add({1, x, y, x * x, y * y, x * y, level, wall, level});
  return s;
}

Contact touch(std::uint32_t a, std::uint32_t b, int length, int level, int wall = 0) {
  return {a, b, length, 2LL * length * level, 2LL * length * wall};
}

MergeParams unit_params(double nucleus_px) {
  MergeParams p;
  p.nucleus_px = nucleus_px;
  p.level_unit = p.wall_unit = 0.01;
  return p;
}

/// The rule of docs/segmentation.md, in the C library's arithmetic.
double odds_by_definition(const RegionSums& a, const RegionSums& b, const Contact& c, const MergeParams& p) {
  const auto mean = [](std::int64_t v, const RegionSums& s) {
    return static_cast<double>(v) / static_cast<double>(s.area);
  };
  const auto roundness = [&](const RegionSums& s) {
    const double mx = mean(s.x, s), my = mean(s.y, s);
    const double xx = mean(s.xx, s) - mx * mx + 1.0 / 12, yy = mean(s.yy, s) - my * my + 1.0 / 12;
    const double xy = mean(s.xy, s) - mx * my;
    return static_cast<double>(s.area) / (4 * kPi * std::sqrt(std::max(xx * yy - xy * xy, 1e-6)));
  };
  const double area = static_cast<double>(a.area + b.area), nucleus = kPi / 4 * p.nucleus_px * p.nucleus_px;
  if (area >= p.largest_nuclei * nucleus) return -1;
  const double la = mean(a.level, a) * p.level_unit, lb = mean(b.level, b) * p.level_unit;
  const double wa = mean(a.wall, a) * p.wall_unit, wb = mean(b.wall, b) * p.wall_unit;
  const double n = 2.0 * static_cast<double>(c.length);
  const double smaller = static_cast<double>(std::min(a.area, b.area));
  const MergeWeights& w = p.weights;
  return w.bias + w.depth * (std::min(la, lb) - static_cast<double>(c.level) * p.level_unit / n) +
         w.step * std::abs(la - lb) +
         w.neck * std::min(static_cast<double>(c.length) / std::sqrt(4 / kPi * smaller), 1.5) +
         w.round * (static_cast<double>(a.area) * roundness(a) + static_cast<double>(b.area) * roundness(b)) / area +
         w.area * std::log(area / nucleus) +
         w.wall * (static_cast<double>(c.wall) * p.wall_unit / n - std::max(wa, wb));
}

/// Rounds of mutual-best merges from scratch each time: every contact of every round by the definition.
HostVector<std::uint32_t> merge_by_definition(RegionGraph g, const MergeParams& p) {
  HostVector<std::uint32_t> owner(g.regions.size());
  std::iota(owner.begin(), owner.end(), 0u);
  for (int round = 0; round < p.rounds; ++round) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, Contact> contacts;
    for (Contact c : g.contacts) {
      c.first = owner[c.first], c.second = owner[c.second];
      if (c.first == c.second) continue;
      if (c.first > c.second) std::swap(c.first, c.second);
      auto [at, fresh] = contacts.try_emplace({c.first, c.second}, c);
      if (!fresh) at->second.add(c);
    }
    std::vector<RegionSums> sums(g.regions.size());
    for (std::size_t i = 1; i < sums.size(); ++i) sums[owner[i]].add(g.regions[i]);
    std::map<std::uint32_t, std::pair<double, std::pair<std::uint32_t, std::uint32_t>>> best;
    for (const auto& [pair, c] : contacts) {
      const double odds = odds_by_definition(sums[pair.first], sums[pair.second], c, p);
      if (odds <= 0) continue;
      for (std::uint32_t end : {pair.first, pair.second})
        if (!best.contains(end) || odds > best[end].first) best[end] = {odds, pair};
    }
    bool any = false;
    for (const auto& [end, choice] : best) {
      const auto [i, j] = choice.second;
      if (end != i || best[j].second != choice.second) continue;
      for (auto& o : owner) o = o == j ? i : o;
      any = true;
    }
    if (!any) break;
  }
  return owner;
}

TEST(Merge, JoinsTwoHalvesOfADiscAndLeavesTwoDiscsApart) {
  // Two halves of a square without a line between them: rise and fall of the odds by hand.
  RegionGraph g;
  g.regions = {{}, rectangle(0, 0, 5, 10, 100), rectangle(5, 0, 5, 10, 100)};
  g.contacts = {touch(1, 2, 10, 100)};
  const MergeParams p = unit_params(11.3);  // a nucleus has 100 pixels
  // round of a 5 x 10 rectangle: 50 / (4 pi sqrt(25/12 x 100/12)) = 0.955; neck 10 / 7.98 = 1.253; ln 1 = 0
  EXPECT_NEAR(odds_by_definition(g.regions[1], g.regions[2], g.contacts[0], p), 8 + 2 * 1.253 - 9.2 * 0.955, 0.01);
  EXPECT_EQ(merge_regions(g, p), (HostVector<std::uint32_t>{0, 1, 1}));
  EXPECT_EQ(g.regions[1].area, 100);
  EXPECT_EQ(g.regions[2].area, 0);
  EXPECT_TRUE(g.contacts.empty());

  RegionGraph apart;
  apart.regions = {{}, rectangle(0, 0, 10, 10, 100), rectangle(10, 0, 10, 10, 100)};
  apart.contacts = {touch(1, 2, 4, 40)};  // a short contact with a dark line
  EXPECT_EQ(merge_regions(apart, p), (HostVector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(apart.contacts.size(), 1u);
}

TEST(Merge, KeepsHalvesApartWhereAWallStands) {
  RegionGraph g;
  g.regions = {{}, rectangle(0, 0, 5, 10, 100), rectangle(5, 0, 5, 10, 100)};
  g.contacts = {touch(1, 2, 10, 100, 60)};  // 0.6 of wall cost 5.3
  EXPECT_EQ(merge_regions(g, unit_params(11.3)), (HostVector<std::uint32_t>{0, 1, 2}));
}

TEST(Merge, BreaksTiesTowardsTheLowerPair) {
  // Four equal quarters in a row, all contacts alike: 3 names 2-3, not 3-4, and 2 names 1-2; so only 1-2 is mutual.
  RegionGraph g;
  g.regions.resize(5);
  for (int k = 0; k < 4; ++k) g.regions[k + 1] = rectangle(5 * k, 0, 5, 10, 100);
  g.contacts = {touch(1, 2, 10, 100), touch(2, 3, 10, 100), touch(3, 4, 10, 100)};
  MergeParams p = unit_params(11.3);
  p.rounds = 1;
  EXPECT_EQ(merge_regions(g, p), (HostVector<std::uint32_t>{0, 1, 1, 3, 4}));
  EXPECT_EQ(g.contacts.size(), 2u);
}

TEST(Merge, FollowsChainsToTheSurvivor) {
  // Thin slices of one nucleus: pairs of slices, pairs of pairs, and so on.
  RegionGraph g;
  g.regions.resize(9);
  for (int k = 0; k < 8; ++k) g.regions[k + 1] = rectangle(2 * k, 0, 2, 16, 100);
  for (std::uint32_t k = 1; k < 8; ++k) g.contacts.push_back(touch(k, k + 1, 16, 100));
  RegionGraph again = g;
  const auto into = merge_regions(g, unit_params(18));
  EXPECT_EQ(into, merge_by_definition(again, unit_params(18)));
  EXPECT_EQ(into, (HostVector<std::uint32_t>{0, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(g.regions[1].area, 256);
}

TEST(Merge, StopsAtTheLargestNucleus) {
  RegionGraph g;
  g.regions = {{}, rectangle(0, 0, 5, 10, 100), rectangle(5, 0, 5, 10, 100)};
  g.contacts = {touch(1, 2, 10, 100)};
  MergeParams p = unit_params(11.3);
  p.weights = {};
  p.weights.area = 0;
  p.largest_nuclei = 0.99;  // together they have 100 of 100.3 pixels
  RegionGraph copy = g;
  EXPECT_EQ(merge_regions(copy, p)[2], 2u);
  p.largest_nuclei = 1.01;
  EXPECT_EQ(merge_regions(g, p)[2], 1u);
}

RegionGraph random_graph(unsigned seed, int grain) {
  const Extent e{70, 60};
  const Labels labels = testing::flood_fill(random_labels(e, 6, grain, seed));
  auto smooth = random_plane<std::uint16_t>(e, seed + 1), wall = random_plane<std::uint16_t>(e, seed + 2);
  for (std::int64_t i = 0; i < e.area(); ++i) {
    smooth.data()[i] = static_cast<std::uint16_t>(12000 + smooth.data()[i] % 3000 + 700 * (labels.data()[i] % 5));
    wall.data()[i] = static_cast<std::uint16_t>(wall.data()[i] % 4000);
  }
  const std::uint32_t count = testing::highest_label(labels);
  RegionGraphBuilder builder(count);
  CpuQueue q;
  builder.add(q, {0, 0, e.width, e.height}, labels.view(), {smooth.view(), wall.view(), smooth.view()}, 0, 0);
  return builder.finish();
}

TEST(Merge, EqualsItsDefinitionOnRandomGraphs) {
  int merged = 0;
  for (unsigned seed = 1; seed <= 12; ++seed)
    for (int rounds : {0, 1, 2, 8}) {
      const RegionGraph g = random_graph(seed, 2 + static_cast<int>(seed % 3));
      MergeParams p;
      p.nucleus_px = 9;
      p.rounds = rounds;
      RegionGraph work = g;
      const auto into = merge_regions(work, p);
      EXPECT_EQ(into, merge_by_definition(g, p)) << "seed " << seed << ", rounds " << rounds;
      // What is left adds up.
      std::vector<std::int64_t> area(g.regions.size(), 0);
      for (std::size_t i = 1; i < into.size(); ++i) area[into[i]] += g.regions[i].area, merged += into[i] != i;
      for (std::size_t i = 1; i < into.size(); ++i) EXPECT_EQ(work.regions[i].area, area[i]);
    }
  EXPECT_GT(merged, 100) << "the graphs should give it something to do";
}

TEST(Merge, DoesNotDependOnTheOrderOfContacts) {
  const RegionGraph g = random_graph(21, 3);
  MergeParams p;
  p.nucleus_px = 9;
  RegionGraph sorted = g;
  const auto want = merge_regions(sorted, p);
  for (unsigned seed = 0; seed < 5; ++seed) {
    RegionGraph shuffled = g;
    std::shuffle(shuffled.contacts.begin(), shuffled.contacts.end(), std::mt19937(seed));
    EXPECT_EQ(merge_regions(shuffled, p), want);
  }
  RegionGraph parts = g;  // every contact in two parts
  parts.contacts.clear();
  for (Contact c : g.contacts) {
    Contact half = c;
    half.length /= 2, half.level /= 2, half.wall /= 2;
    c.length -= half.length, c.level -= half.level, c.wall -= half.wall;
    parts.contacts.push_back(c);
    if (half.length > 0 || half.level > 0) parts.contacts.push_back(half);
  }
  EXPECT_EQ(merge_regions(parts, p), want);
}

TEST(Merge, DoesNotChangeWhenTheImageMoves) {
  for (unsigned seed : {31u, 32u, 33u}) {
    const RegionGraph g = random_graph(seed, 3);
    MergeParams p;
    p.nucleus_px = 9;
    RegionGraph here = g;
    const auto want = merge_regions(here, p);
    for (const auto& [dx, dy] : {std::pair<std::int64_t, std::int64_t>{1, 0}, {99991, 77773}, {1 << 20, 1 << 20}}) {
      RegionGraph moved = g;
      for (RegionSums& r : moved.regions) {
        r.xy += dx * r.y + dy * r.x + dx * dy * r.area;
        r.xx += 2 * dx * r.x + dx * dx * r.area;
        r.yy += 2 * dy * r.y + dy * dy * r.area;
        r.x += dx * r.area;
        r.y += dy * r.area;
      }
      EXPECT_EQ(merge_regions(moved, p), want) << "by " << dx << ", " << dy;
    }
  }
}

TEST(Merge, TakesGraphsWithoutRegionsOrContacts) {
  RegionGraph none;
  EXPECT_TRUE(merge_regions(none, {}).empty());
  RegionGraph alone;
  alone.regions = {{}, rectangle(0, 0, 1, 1, 65535)};
  EXPECT_EQ(merge_regions(alone, {}), (HostVector<std::uint32_t>{0, 1}));
}

TEST(Merge, RejectsWhatItsContractExcludes) {
  RegionGraph g = random_graph(41, 4);
  MergeParams p;
  p.nucleus_px = 0;
  EXPECT_THROW(merge_regions(g, p), InvalidArgument);
  p.nucleus_px = 9, p.rounds = -1;
  EXPECT_THROW(merge_regions(g, p), InvalidArgument);
  p.rounds = 8;
  for (const auto& [a, b] : {std::pair<std::uint32_t, std::uint32_t>{0, 1}, {2, 2}, {3, 2}, {1, 1000000}}) {
    RegionGraph bad = g;
    bad.contacts.push_back(touch(a, b, 1, 1));
    EXPECT_THROW(merge_regions(bad, p), InvalidArgument) << a << ", " << b;
  }
}

}  // namespace
}  // namespace hexaplex
