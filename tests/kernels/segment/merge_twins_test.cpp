#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"
#include "kernels/segment/merge_chain.h"
#include "kernels/segment/region_graph_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/queues.h"
#include "tests/support/region_graphs.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::graph_by_cpu;
using testing::GraphImages;
using testing::Labels;
using testing::same_graph;
using Into = HostVector<std::uint32_t>;

RegionGraph random_graph(unsigned seed, int grain, Extent e = {70, 60}) {
  const Labels labels = testing::flood_fill(testing::random_labels(e, 6, grain, seed));
  return graph_by_cpu(labels, testing::mergeable_images(labels, seed + 1).views(), testing::highest_label(labels));
}

/// A row of equal squares, all contacts alike: every choice is a tie.
RegionGraph row_of_squares(std::uint32_t count) {
  RegionGraph g;
  g.regions.resize(count + 1);
  for (std::uint32_t k = 1; k <= count; ++k)
    for (std::int64_t y = 0; y < 5; ++y)
      for (std::int64_t x = 5 * k; x < 5 * k + 5; ++x)
        g.regions[k].add({1, x, y, x * x, y * y, x * y, 14000, 100, 14000});
  for (std::uint32_t k = 1; k < count; ++k) g.contacts.push_back({k, k + 1, 5, 10 * 14000, 10 * 100});
  return g;
}

struct Case {
  std::string name;
  RegionGraph graph;
  MergeParams params;
};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (unsigned seed = 1; seed <= 8; ++seed)
    for (const int rounds : {0, 1, 2, 8}) {
      MergeParams p;
      p.nucleus_px = 9;
      p.rounds = rounds;
      out.push_back({"seed " + std::to_string(seed) + ", rounds " + std::to_string(rounds),
                     random_graph(seed, 1 + static_cast<int>(seed % 4)), p});
    }
  MergeParams wide;
  wide.nucleus_px = 30;
  for (const int rounds : {8, 15, 16, 17, 33, 1000}) {  // a tie lets one pair merge a round
    wide.rounds = rounds;
    out.push_back({"ties, rounds " + std::to_string(rounds), row_of_squares(300), wide});
  }
  wide.weights = {1, 0, 0, 0, 0, 0, 0};
  out.push_back({"all odds are 1", random_graph(9, 2), wide});
  out.push_back({"no regions", {}, wide});
  out.push_back({"a region alone", row_of_squares(1), wide});
  return out;
}

// Contacts of tests may be in the wrong order, or of labels that are not there: their keys are made as they stand.
HostVector<ContactSlot> slots_of(const HostVector<Contact>& contacts) {
  HostVector<ContactSlot> slots(detail::slots_for_contacts(contacts.size()), ContactSlot{0, 0, 0, 0});
  for (std::size_t k = 0; k < contacts.size(); ++k) {
    const Contact& c = contacts[k];
    slots[k + k / 2] = {static_cast<std::uint64_t>(c.first) << 32 | c.second, c.length, c.level, c.wall};
  }
  return slots;
}

template <class Q>
DeviceRegionGraph<Q> graph_on(const Q& q, const RegionGraph& g) {
  const HostVector<ContactSlot> slots = slots_of(g.contacts);
  DeviceRegionGraph<Q> out{WorkBuffer<RegionSums, Q>(q, g.regions.size()), WorkBuffer<ContactSlot, Q>(q, slots.size())};
  fetch(q, g.regions.data(), out.regions.data(), g.regions.size());
  fetch(q, slots.data(), out.contacts.data(), slots.size());
  return out;
}

template <class Q>
Into fetched(const Q& q, const WorkBuffer<std::uint32_t, Q>& into) {
  Into out(into.size());
  fetch(q, into.data(), out.data(), out.size());
  return out;
}

TEST(MergeChain, EqualsTheHostOnAnyNumberOfThreads) {
  std::size_t merged = 0;
  for (const Case& c : cases()) {
    RegionGraph want = c.graph;
    const Into into = merge_regions(want, c.params);
    for (std::size_t i = 0; i < into.size(); ++i) merged += into[i] != i;
    testing::for_thread_counts([&] {
      auto graph = graph_on(CpuQueue{}, c.graph);
      EXPECT_EQ(into, fetched(CpuQueue{}, detail::merge_regions_chain(CpuQueue{}, graph, c.params))) << c.name;
      EXPECT_TRUE(same_graph(want, fetch_graph(CpuQueue{}, graph))) << c.name;
    });
  }
  EXPECT_GT(merged, 500u) << "the graphs should give it something to do";
}

TEST(MergeChain, DoesNotDependOnTheOrderOfContacts) {
  const RegionGraph g = random_graph(21, 2);
  RegionGraph sorted = g;
  const Into want = merge_regions(sorted, {});
  for (unsigned seed = 0; seed < 5; ++seed) {
    RegionGraph shuffled = g;
    std::shuffle(shuffled.contacts.begin(), shuffled.contacts.end(), std::mt19937(seed));
    auto graph = graph_on(CpuQueue{}, shuffled);
    EXPECT_EQ(want, fetched(CpuQueue{}, detail::merge_regions_chain(CpuQueue{}, graph, {})));
  }
}

TEST(MergeChain, RejectsWhatItsContractExcludes) {
  auto graph = graph_on(CpuQueue{}, random_graph(41, 4));
  for (const double px : {0.0, -1.0, HUGE_VAL, static_cast<double>(NAN)}) {
    MergeParams p;
    p.nucleus_px = px;
    EXPECT_THROW(detail::merge_regions_chain(CpuQueue{}, graph, p), InvalidArgument);
    RegionGraph on_host = random_graph(41, 4);
    EXPECT_THROW(merge_regions(on_host, p), InvalidArgument);
  }
  MergeParams p;
  p.rounds = -1;
  EXPECT_THROW(detail::merge_regions_chain(CpuQueue{}, graph, p), InvalidArgument);
  RegionGraph empty_pair = random_graph(41, 4);
  empty_pair.regions.resize(empty_pair.regions.size() + 2);
  const auto last = static_cast<std::uint32_t>(empty_pair.regions.size() - 1);
  for (const auto& [a, b] :
       {std::pair<std::uint32_t, std::uint32_t>{0, 1}, {2, 2}, {3, 2}, {1, 1000000}, {last - 1, last}}) {
    RegionGraph bad = empty_pair;
    bad.contacts.push_back({a, b, 1, 2, 2});
    auto there = graph_on(CpuQueue{}, bad);
    EXPECT_THROW(detail::merge_regions_chain(CpuQueue{}, there, {}), InvalidArgument) << a << ", " << b;
    RegionGraph same = bad;
    aggregate_contacts(same.contacts);
    EXPECT_TRUE(same_graph(same, fetch_graph(CpuQueue{}, there))) << "nothing may merge";
    EXPECT_THROW(merge_regions(bad, {}), InvalidArgument) << a << ", " << b;
  }
}

TEST(MergeOdds, RoundsWideNumbersAsTheCompilerDoes) {
  using detail::nearest_double;
  using detail::Wide;
  const auto same = [](Wide v) {
    for (const Wide w : {v, -v}) EXPECT_EQ(nearest_double(w), static_cast<double>(w));
  };
  std::mt19937_64 random(3);
  for (int bit = 0; bit < 126; ++bit) {
    const Wide one = static_cast<Wide>(1) << bit;
    for (int d = -3; d <= 3; ++d) same(one + d);
    // Ties, and their neighbours: 53 bits, the half below them, and a little more or less.
    for (int k = 0; k < 200; ++k) {
      same(static_cast<Wide>((static_cast<detail::UnsignedWide>(random()) << 64 | random()) >> (127 - bit)));
      if (bit < 54) continue;
      const Wide kept = static_cast<Wide>(random() >> 11 | std::uint64_t{1} << 52) << (bit - 52);
      const Wide half = static_cast<Wide>(1) << (bit - 53);
      for (const int d : {-1, 0, 1}) same(kept + half + d), same(kept + d);
    }
  }
  const auto most = static_cast<Wide>(~static_cast<detail::UnsignedWide>(0) >> 1);
  same(most);
  EXPECT_EQ(nearest_double(-most - 1), static_cast<double>(-most - 1));
}

// The form of each queue.
Into merged_on(const CpuQueue& q, DeviceRegionGraph<CpuQueue>& graph, const MergeParams& p) {
  return fetched(q, detail::merge_regions_chain(q, graph, p));
}
#if HX_WITH_CUDA
Into merged_on(const CudaQueue& q, DeviceRegionGraph<CudaQueue>& graph, const MergeParams& p) {
  return fetched(q, merge_regions_on(q, graph, p));
}
#endif

class MergeTwins : public testing::QueueTest {};

TEST_P(MergeTwins, EqualTheHost) {
  for (const Case& c : cases()) {
    RegionGraph want = c.graph;
    const Into into = merge_regions(want, c.params);
    std::visit(
        [&](const auto& q) {
          auto graph = graph_on(q, c.graph);
          EXPECT_EQ(into, merged_on(q, graph, c.params)) << c.name;
          EXPECT_TRUE(same_graph(want, fetch_graph(q, graph))) << c.name;
        },
        queue());
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, MergeTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(MergeOnDevice, WaitsOnceWhateverHappensInItsRounds) {
  testing::ScopedHostDevice device;
  testing::DeviceUse use;
  for (const Case& c : cases()) {
    if (c.params.rounds >= 16) continue;
    auto graph = graph_on(use.queue(), c.graph);
    device.api().forget_calls();
    const auto into = merge_regions_on(use.queue(), graph, c.params);
    const std::vector<std::string>& calls = device.api().calls();
    EXPECT_EQ(std::count(calls.begin(), calls.end(), "synchronise"), 1) << c.name;
  }
}

TEST(MergeOnDevice, EndsInATypedErrorOrTheRightLabelsWhicheverCallFails) {
  const RegionGraph g = random_graph(5, 3, {23, 17});
  MergeParams p;
  p.nucleus_px = 9;
  p.rounds = 2;
  RegionGraph want = g;
  const Into into = merge_regions(want, p);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        auto graph = graph_on(use.queue(), g);
        const auto got = merge_regions_on(use.queue(), graph, p);
        return fetched(use.queue(), got) == into && same_graph(want, fetch_graph(use.queue(), graph));
      },
      30);
}
#endif

}  // namespace
}  // namespace hexaplex
