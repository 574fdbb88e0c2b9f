#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/runtime/error.h"
#include "kernels/segment/region_graph_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/queues.h"
#include "tests/support/region_graphs.h"
#include "tests/support/windows.h"

// The host's builder is held against brute force in region_graph_test.cpp; here the chain is held against it.

namespace hexaplex {
namespace {

using testing::for_thread_counts;
using testing::graph_by_cpu;
using testing::GraphImages;
using testing::Labels;
using testing::random_labels;
using testing::same_graph;

struct Case {
  std::string name;
  Labels labels;
  std::uint32_t regions;
  bool wall = true;
  GraphImages images{labels.extent()};
  RegionImages views() const {
    RegionImages v = images.views();
    if (!wall) v.wall = {};
    return v;
  }
};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const Extent e : testing::kEdgeShapes)
    for (std::uint32_t most : {1u, 3u, 40u})
      for (int grain : {1, 4})
        out.push_back({std::to_string(e.width) + " x " + std::to_string(e.height) + " of " + std::to_string(most),
                       random_labels(e, most, grain, 2), most, grain == 1});
  out.push_back({"many contacts", random_labels({150, 90}, 5000, 1, 3), 5000});
  out.push_back({"labels that do not occur", random_labels({40, 30}, 5, 3, 3), 3000});
  for (const int side : {7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 129})  // around a tile, and a thread's part of it
    for (const int other : {side, 136 - side})
      out.push_back({"side " + std::to_string(side) + " x " + std::to_string(other),
                     random_labels({side, other}, 60, 5, 9), 60, other != side});
  // Sums as large as a tile's can be, and as many contacts of one pair.
  const Extent tiles{130, 70};
  Labels checkers(tiles), comb(tiles);
  for (int y = 0; y < tiles.height; ++y)
    for (int x = 0; x < tiles.width; ++x)
      checkers(x, y) = static_cast<std::uint32_t>(1 + (x + y) % 2), comb(x, y) = static_cast<std::uint32_t>(1 + x % 2);
  std::size_t first = out.size();
  out.push_back({"saturated", Labels(tiles, 1), 1});
  out.push_back({"saturated checkers", std::move(checkers), 2});
  out.push_back({"saturated comb", std::move(comb), 2});
  for (; first < out.size(); ++first)
    for (HostPlane<std::uint16_t>* image :
         {&out[first].images.level, &out[first].images.wall, &out[first].images.linear})
      *image = HostPlane<std::uint16_t>(tiles, 65535);
  // More regions than a tile has room for: 2048 a tile, the highest first.
  Labels own({70, 66});
  for (std::int64_t i = 0; i < own.extent().area(); ++i)
    own.data()[i] = static_cast<std::uint32_t>(own.extent().area() - i);
  out.push_back({"every pixel a region", std::move(own), 70 * 66});
  out.push_back({"one region", Labels({90, 70}, 1), 1});
  out.push_back({"background", Labels({40, 30}, 0), 7});
  return out;
}

TEST(RegionGraphChain, EqualsTheHostOnAnyNumberOfThreadsAndAnyFirstTable) {
  for (const Case& c : cases()) {
    const RegionGraph want = graph_by_cpu(c.labels, c.views(), c.regions);
    for_thread_counts([&] {
      for (const std::uint64_t first : {0u, 1u})
        EXPECT_TRUE(same_graph(want, fetch_graph(CpuQueue{}, detail::region_graph_chain(CpuQueue{}, c.labels.view(),
                                                                                        c.views(), c.regions, first))))
            << c.name;
    });
  }
}

TEST(RegionGraphChain, IsTheSameForAnyTilesInAnyOrder) {
  const Extent e{143, 121};
  const Labels labels = random_labels(e, 900, 2, 4);
  const GraphImages images(e);
  const RegionGraph want = graph_by_cpu(labels, images.views(), 900);
  for (int tile : {16, 37, 64}) {
    auto tiles = testing::cut_into_tiles(e, tile, 1);
    std::shuffle(tiles.begin(), tiles.end(), std::mt19937(5));
    detail::RegionGraphChain<CpuQueue> builder(CpuQueue{}, 900, 1);
    for (const auto& [core, w] : tiles) {
      const auto level = testing::crop(images.level, w), wall = testing::crop(images.wall, w),
                 linear = testing::crop(images.linear, w);
      builder.add(core, labels.view(), {level.view(), wall.view(), linear.view()}, w.x, w.y);
    }
    EXPECT_TRUE(same_graph(want, fetch_graph(CpuQueue{}, builder.finish()))) << tile;
  }
}

TEST(RegionGraphChain, SumsFarFromTheOrigin) {
  const int far = 65535 - 70;
  const GraphImages images({70, 70});
  HostPlane<std::uint32_t> row({65535, 1}, 0);
  for (int x = far; x < 65535; ++x) row(x, 0) = static_cast<std::uint32_t>(1 + x / 9 % 4);
  const Plane<const std::uint32_t> labels{row.data(), {65535, 65535}, 0};  // all rows are the same
  RegionGraphBuilder by_host(4);
  CpuQueue q;
  by_host.add(q, {far, far, 70, 70}, labels, images.views(), far, far);
  detail::RegionGraphChain<CpuQueue> chain(q, 4);
  chain.add({far, far, 70, 70}, labels, images.views(), far, far);
  EXPECT_TRUE(same_graph(by_host.finish(), fetch_graph(q, chain.finish())));
}

TEST(RegionGraphChain, ReadsWindowsOfAnyPitch) {
  const Extent e{33, 21};
  const Labels labels = random_labels(e, 9, 3, 6);
  const GraphImages images(e);
  testing::Framed<std::uint32_t> l(labels);
  testing::Framed<std::uint16_t> level(images.level), wall(images.wall), linear(images.linear);
  const RegionGraph got = fetch_graph(
      CpuQueue{}, detail::region_graph_chain(CpuQueue{}, l.view(), {level.view(), wall.view(), linear.view()}, 9));
  EXPECT_TRUE(same_graph(graph_by_cpu(labels, images.views(), 9), got));
}

TEST(RegionGraphChain, TakesNothingAndRejectsWhatItsContractExcludes) {
  const RegionGraph none = fetch_graph(CpuQueue{}, detail::region_graph_chain(CpuQueue{}, {}, {}, 0));
  EXPECT_EQ(none.regions.size(), 1u);
  EXPECT_TRUE(none.contacts.empty());
  const Labels labels({6, 5}, 2);
  const GraphImages images({6, 5}), small({5, 5}), other({5, 6});
  const auto chain = [&](const RegionImages& i, std::size_t regions) {
    detail::region_graph_chain(CpuQueue{}, labels.view(), i, regions);
  };
  EXPECT_NO_THROW(chain(images.views(), 2));
  EXPECT_THROW(chain(images.views(), 1), InvalidArgument) << "label 2 of 1";
  EXPECT_THROW(chain(small.views(), 2), InvalidArgument);
  EXPECT_THROW(chain({images.level.view(), {}, other.linear.view()}, 2), InvalidArgument);
}

TEST(ContactTable, HoldsEveryPairOnceAndTellsWhenItIsFull) {
  const CpuQueue q;
  std::uint32_t dropped = 0;
  const auto memory = detail::free_contact_slots(q, detail::slots_for_contacts(100));
  const detail::ContactSlots slots = detail::guessed_slots<CpuQueue>(memory, &dropped);
  for (std::uint32_t k = 1; k <= slots.count; ++k) {
    EXPECT_TRUE(slots.add(detail::contact_key(k, k + 1), 1, 2, 3));
    EXPECT_FALSE(slots.add(detail::contact_key(k + 1, k), 1, 2, 3)) << "known already";
  }
  EXPECT_EQ(dropped, 0u);
  for (std::uint32_t k = 0; k < slots.count; ++k) EXPECT_EQ(memory.data()[k].level, 4);
  EXPECT_FALSE(slots.add(detail::contact_key(1, 9), 1, 2, 3));
  EXPECT_EQ(dropped, 1u);
}

// The form of each queue.
RegionGraph fetched_graph(const CpuQueue& q, Plane<const std::uint32_t> labels, const RegionImages& images,
                          std::size_t regions) {
  return fetch_graph(q, detail::region_graph_chain(q, labels, images, regions));
}
#if HX_WITH_CUDA
RegionGraph fetched_graph(const CudaQueue& q, Plane<const std::uint32_t> labels, const RegionImages& images,
                          std::size_t regions) {
  return fetch_graph(q, region_graph_of(q, labels, images, regions));
}
#endif

class RegionGraphTwins : public testing::QueueTest {
 protected:
  RegionGraph graph(Plane<const std::uint32_t> labels, const RegionImages& images, std::size_t regions) {
    return std::visit([&](const auto& q) { return fetched_graph(q, labels, images, regions); }, queue());
  }
};

TEST_P(RegionGraphTwins, EqualTheHost) {
  for (const Case& c : cases()) {
    auto labels = on_queue(c.labels);
    auto level = on_queue(c.images.level), wall = on_queue(c.images.wall), linear = on_queue(c.images.linear);
    RegionImages images{level.view(), wall.view(), linear.view()};
    if (!c.wall) images.wall = {};
    EXPECT_TRUE(same_graph(graph_by_cpu(c.labels, c.views(), c.regions), graph(labels.view(), images, c.regions)))
        << c.name;
  }
}

TEST_P(RegionGraphTwins, ReadWindowsAndRefuseStrayLabels) {
  const Extent e{60, 50};
  const Rect r{7, 5, 33, 21};
  const Labels all = random_labels(e, 50, 3, 8);
  const GraphImages images(e);
  auto labels = on_queue(all);
  auto level = on_queue(images.level), wall = on_queue(images.wall), linear = on_queue(images.linear);
  const RegionImages there{level.view().window(r), wall.view().window(r), linear.view().window(r)};
  const RegionImages here{images.level.view().window(r), images.wall.view().window(r), images.linear.view().window(r)};
  EXPECT_TRUE(same_graph(graph_by_cpu(testing::crop(all, r), here, 50), graph(labels.view().window(r), there, 50)));
  EXPECT_THROW(graph(labels.view().window(r), there, 40), InvalidArgument);
  EXPECT_TRUE(graph({}, {}, 3).contacts.empty());
}

INSTANTIATE_TEST_SUITE_P(Queues, RegionGraphTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(RegionGraphOnDevice, IsTheSameForTiles) {
  testing::ScopedHostDevice device;
  testing::DeviceUse use;
  const Extent e{143, 121};
  const Labels labels = random_labels(e, 900, 2, 4);
  const GraphImages images(e);
  const Plane<const std::uint32_t> there = use.upload(labels);
  DeviceRegionGraphBuilder builder(use.queue(), 900);
  for (const auto& [core, w] : testing::cut_into_tiles(e, 50, 1))
    builder.add(core, there,
                {use.upload(testing::crop(images.level, w)), use.upload(testing::crop(images.wall, w)),
                 use.upload(testing::crop(images.linear, w))},
                w.x, w.y);
  const auto graph = builder.finish();
  EXPECT_TRUE(same_graph(graph_by_cpu(labels, images.views(), 900), fetch_graph(use.queue(), graph)));
}

TEST(RegionGraphOnDevice, WaitsOnceWhereRegionsAreConnected) {
  testing::ScopedHostDevice device;
  testing::DeviceUse use;
  const Labels labels = testing::flood_fill(random_labels({143, 121}, 6, 3, 4));
  const GraphImages images(labels.extent());
  const RegionImages there{use.upload(images.level), use.upload(images.wall), use.upload(images.linear)};
  const Plane<const std::uint32_t> labels_there = use.upload(labels);
  device.api().forget_calls();
  const auto graph = region_graph_of(use.queue(), labels_there, there, testing::highest_label(labels));
  const std::vector<std::string>& calls = device.api().calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "synchronise"), 1);
}

TEST(RegionGraphOnDevice, EndsInATypedErrorOrTheRightGraphWhicheverCallFails) {
  const Labels labels = random_labels({23, 17}, 30, 3, 2);
  const GraphImages images(labels.extent());
  const RegionGraph want = graph_by_cpu(labels, images.views(), 30);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const RegionImages on_device{use.upload(images.level), use.upload(images.wall), use.upload(images.linear)};
        const auto graph = region_graph_of(use.queue(), use.upload(labels), on_device, 30);
        return static_cast<bool>(same_graph(want, fetch_graph(use.queue(), graph)));
      },
      30);
}
#endif

}  // namespace
}  // namespace hexaplex
