#include "kernels/segment/region_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::crop;
using testing::Labels;
using testing::random_labels;
using testing::random_plane;
using Pixels = HostPlane<std::uint16_t>;

auto fields(const RegionSums& r) {
  return std::vector<std::int64_t>{r.area, r.x, r.y, r.xx, r.yy, r.xy, r.level, r.wall, r.linear};
}
auto fields(const Contact& c) {
  return std::vector<std::int64_t>{c.first, c.second, c.length, c.level, c.wall};
}
template <class T>
auto all_fields(const HostVector<T>& list) {
  std::vector<std::vector<std::int64_t>> out;
  for (const T& t : list) out.push_back(fields(t));
  return out;
}
void expect_equal(const RegionGraph& want, const RegionGraph& got) {
  EXPECT_EQ(all_fields(want.regions), all_fields(got.regions));
  EXPECT_EQ(all_fields(want.contacts), all_fields(got.contacts));
}

struct Images {
  Pixels level, wall, linear;
  explicit Images(Extent e, unsigned seed = 1)
      : level(random_plane<std::uint16_t>(e, seed)),
        wall(random_plane<std::uint16_t>(e, seed + 1)),
        linear(random_plane<std::uint16_t>(e, seed + 2)) {}
  RegionImages views() const { return {level.view(), wall.view(), linear.view()}; }
};

RegionGraph brute_force(const Labels& labels, const Images& im, std::uint32_t regions, bool with_wall = true) {
  RegionGraph g;
  g.regions.resize(regions + 1);
  std::map<std::pair<std::uint32_t, std::uint32_t>, Contact> contacts;
  const auto touch = [&](int x, int y, int u, int v) {
    const std::uint32_t a = labels(x, y), b = labels(u, v);
    if (a == 0 || b == 0 || a == b) return;
    Contact& c = contacts[std::minmax(a, b)];
    c.first = std::min(a, b), c.second = std::max(a, b);
    c.length += 1, c.level += im.level(x, y) + im.level(u, v);
    if (with_wall) c.wall += im.wall(x, y) + im.wall(u, v);
  };
  for (int y = 0; y < labels.height(); ++y)
    for (int x = 0; x < labels.width(); ++x) {
      if (const std::uint32_t l = labels(x, y); l != 0)
        g.regions[l].add({1, x, y, std::int64_t{x} * x, std::int64_t{y} * y, std::int64_t{x} * y, im.level(x, y),
                          with_wall ? im.wall(x, y) : 0, im.linear(x, y)});
      if (x + 1 < labels.width()) touch(x, y, x + 1, y);
      if (y + 1 < labels.height()) touch(x, y, x, y + 1);
    }
  for (const auto& [pair, c] : contacts) g.contacts.push_back(c);
  return g;
}

RegionGraph whole(const Labels& labels, const RegionImages& images, std::uint32_t regions) {
  RegionGraphBuilder builder(regions);
  CpuQueue q;
  builder.add(q, {0, 0, labels.width(), labels.height()}, labels.view(), images, 0, 0);
  return builder.finish();
}

TEST(RegionGraph, SumsAsComputedByHand) {
  // 1 1 2
  // 1 0 2
  Labels labels({3, 2}, 1);
  labels(2, 0) = labels(2, 1) = 2, labels(1, 1) = 0;
  Pixels level({3, 2}), linear({3, 2}, 5);
  for (int i = 0; i < 6; ++i) level.data()[i] = static_cast<std::uint16_t>(10 * (i + 1));
  const RegionGraph g = whole(labels, {level.view(), {}, linear.view()}, 2);
  EXPECT_EQ(fields(g.regions[1]), (std::vector<std::int64_t>{3, 1, 1, 1, 1, 0, 10 + 20 + 40, 0, 15}));
  EXPECT_EQ(fields(g.regions[2]), (std::vector<std::int64_t>{2, 4, 1, 8, 1, 2, 30 + 60, 0, 10}));
  ASSERT_EQ(g.contacts.size(), 1u);
  EXPECT_EQ(fields(g.contacts[0]), (std::vector<std::int64_t>{1, 2, 1, 20 + 30, 0}));
}

TEST(RegionGraph, EqualsBruteForceOnEveryShape) {
  for (const Extent e : testing::kEdgeShapes)
    for (std::uint32_t most : {1u, 3u, 40u})
      for (int grain : {1, 4}) {
        const Labels labels = random_labels(e, most, grain, 2);
        const Images images(e);
        expect_equal(brute_force(labels, images, most), whole(labels, images.views(), most));
        RegionImages no_wall = images.views();
        no_wall.wall = {};
        expect_equal(brute_force(labels, images, most, false), whole(labels, no_wall, most));
      }
}

TEST(RegionGraph, HoldsMoreContactsThanItsFirstTable) {
  const Labels labels = random_labels({150, 90}, 5000, 1, 3);
  const Images images({150, 90});
  expect_equal(brute_force(labels, images, 5000), whole(labels, images.views(), 5000));
}

TEST(RegionGraph, IsTheSameForAnyTilesInAnyOrderFromAnyThread) {
  const Extent e{143, 121};
  const Labels labels = random_labels(e, 90, 5, 4);
  const Images images(e);
  const RegionGraph want = brute_force(labels, images, 90);
  testing::for_thread_counts([&] {
    for (int tile : {16, 37, 64}) {
      auto tiles = testing::cut_into_tiles(e, tile, 1);
      std::shuffle(tiles.begin(), tiles.end(), std::mt19937(5));
      RegionGraphBuilder builder(90);
      for_each_task(CpuQueue{}, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i) {
        const Rect w = tiles[i].window;
        const Pixels level = crop(images.level, w), wall = crop(images.wall, w), linear = crop(images.linear, w);
        CpuQueue q;
        builder.add(q, tiles[i].core, labels.view(), {level.view(), wall.view(), linear.view()}, w.x, w.y);
      });
      expect_equal(want, builder.finish());
    }
  });
}

TEST(RegionGraph, ReadsWindowsOfAnyPitch) {
  const Extent e{33, 21};
  const Labels labels = random_labels(e, 9, 3, 6);
  const Images images(e);
  testing::Framed<std::uint32_t> l(labels);
  testing::Framed<std::uint16_t> level(images.level), wall(images.wall), linear(images.linear);
  RegionGraphBuilder builder(9);
  CpuQueue q;
  builder.add(q, {0, 0, 33, 21}, l.view(), {level.view(), wall.view(), linear.view()}, 0, 0);
  expect_equal(brute_force(labels, images, 9), builder.finish());
}

TEST(RegionGraph, HoldsSaturatedSumsFarFromTheOrigin) {
  RegionSums far{};
  for (int k = 0; k < 2; ++k)
    far.add({1 << 20, std::int64_t{1} << 40, 0, std::int64_t{1} << 60, 0, 0, 65535LL << 20, 0, 0});
  EXPECT_EQ(far.xx, std::int64_t{1} << 61);
  EXPECT_EQ(far.level, 65535LL << 21);
}

TEST(AggregateContacts, SortsAndAddsUpPairs) {
  HostVector<Contact> c{{2, 5, 1, 10, 3}, {1, 9, 2, 20, 0}, {2, 5, 4, 1, 1}, {1, 2, 1, 1, 1}};
  aggregate_contacts(c);
  EXPECT_EQ(all_fields(c),
            (std::vector<std::vector<std::int64_t>>{{1, 2, 1, 1, 1}, {1, 9, 2, 20, 0}, {2, 5, 5, 11, 4}}));
}

TEST(RegionGraph, IsEmptyWhereNothingIs) {
  const Images images({5, 4});
  const RegionGraph none = whole(Labels({5, 4}, 0), images.views(), 0);
  EXPECT_EQ(none.regions.size(), 1u);
  EXPECT_TRUE(none.contacts.empty());
  EXPECT_TRUE(whole(Labels(), {}, 0).contacts.empty());
}

TEST(RegionGraph, RejectsWhatItsContractExcludes) {
  CpuQueue q;
  const Labels labels({6, 5}, 2);
  const Images images({6, 5}), small({5, 5}), other({5, 6});
  RegionGraphBuilder builder(2), few(1);
  EXPECT_THROW(few.add(q, {0, 0, 6, 5}, labels.view(), images.views(), 0, 0), InvalidArgument) << "label 2 of 1";
  EXPECT_THROW(builder.add(q, {0, 0, 7, 5}, labels.view(), images.views(), 0, 0), InvalidArgument);
  EXPECT_THROW(builder.add(q, {0, 0, 6, 5}, labels.view(), images.views(), 1, 0), InvalidArgument);
  EXPECT_THROW(builder.add(q, {0, 0, 5, 5}, labels.view(), small.views(), 0, 0), InvalidArgument)
      << "no right neighbour";
  EXPECT_THROW(builder.add(q, {0, 0, 6, 5}, labels.view(), {images.level.view(), {}, other.linear.view()}, 0, 0),
               InvalidArgument);
  EXPECT_NO_THROW(builder.add(q, {0, 0, 4, 5}, labels.view(), small.views(), 0, 0));
}

}  // namespace
}  // namespace hexaplex
