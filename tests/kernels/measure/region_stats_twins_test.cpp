#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <limits>

#include "kernels/measure/magnitude_chain.h"
#include "kernels/measure/region_sums_chain.h"
#include "kernels/runtime/error.h"
#include "tests/support/failing_calls.h"
#include "tests/support/measured_regions.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The host's sums are held against brute force in region_stats_test.cpp; here the chain is held against them.

namespace hexaplex {
namespace {

using testing::for_thread_counts;
using testing::Labels;
using testing::measured_image;
using testing::measured_images;
using testing::MeasuredImage;

RegionTable by_cpu(const MeasuredImage& m) {
  const auto views = m.views();
  return region_sums(CpuQueue{}, testing::marked_runs(m), {views, m.fixed});
}

RegionTable by_chain(const RegionPlanes& planes, const ChannelPlanes& channels) {
  const CpuQueue q;
  const auto regions = detail::regions_chain(q, planes);
  return detail::fetch_table_chain(q, regions, detail::region_sums_chain(q, regions, channels));
}

::testing::AssertionResult same_table(const RegionTable& want, const RegionTable& got) {
  if (want.labels != got.labels) return ::testing::AssertionFailure() << "labels differ";
  if (want.channels != got.channels) return ::testing::AssertionFailure() << "numbers of channels differ";
  if (want.counts != got.counts) return ::testing::AssertionFailure() << "counts differ";
  if (want.sums.size() != got.sums.size()) return ::testing::AssertionFailure() << "numbers of sums differ";
  for (std::size_t i = 0; i < want.sums.size(); ++i)
    if (!(want.sums[i] == got.sums[i]) || std::signbit(want.sums[i].min) != std::signbit(got.sums[i].min) ||
        std::signbit(want.sums[i].max) != std::signbit(got.sums[i].max))
      return ::testing::AssertionFailure() << "sums " << i << " differ";
  return ::testing::AssertionSuccess();
}

TEST(RegionSumsChain, EqualsTheHostOnAnyNumberOfThreads) {
  for (const MeasuredImage& m : measured_images()) {
    const RegionTable want = by_cpu(m);
    const auto views = m.views();
    for_thread_counts([&] { EXPECT_TRUE(same_table(want, by_chain(m.planes(), {views, m.fixed}))) << m.name; });
  }
}

TEST(RegionSumsChain, CoresOfWindowsMakeUpTheWhole) {
  for (const int reach2 : {0, 4, 9}) {
    const Extent e{83, 61};
    const MeasuredImage m =
        measured_image("", testing::random_labels(e, 40, 7, 2), testing::random_labels(e, 40, 4, 3), 2, reach2);
    const RegionTable want = by_cpu(m);
    for (const int tile : {16, 33, 100}) {
      RegionTable sum;
      for (const auto& [core, w] : testing::cut_into_tiles(e, tile, 3)) {
        std::vector<Plane<const float>> views;
        for (const auto& v : m.views()) views.push_back(v.window(w));
        sum.merge(by_chain(
            {m.outer.view().window(w), m.inner.view().window(w), e, w.x, w.y, reach2, seen_from(w.x, w.y, core)},
            {views, m.fixed, w.x, w.y}));
      }
      EXPECT_TRUE(same_table(want, sum)) << "reach2 " << reach2 << ", tiles of " << tile;
    }
  }
}

TEST(RegionSumsChain, WhatAWindowDoesNotShowIsForeign) {
  const Labels outer({20, 10}, 3);
  const RegionPlanes planes{outer.view(), {}, {100, 10}, 40, 0, 4, {0, 0, 20, 10}};
  const RegionTable got = by_chain(planes, {{}, {}, 40, 0});
  EXPECT_EQ(got.counts, (std::vector<std::int64_t>{16 * 10, 0, 4 * 10, 0})) << "two columns at the left and right";
  BorderBand band({100, 10}, 4);
  std::vector<PixelRun> marked;
  const RegionRuns runs = label_runs(CpuQueue{}, outer.view(), {}, 40, 0);
  band.mark(runs.of(0), marked);
  std::vector<std::int64_t> counts(4, 0);
  for (const PixelRun& r : marked) counts[r.part] += r.end - r.begin;
  EXPECT_EQ(got.counts, counts);
}

TEST(RegionSumsChain, TheLargestValuesStayExact) {
  for (const float value : {65535.0f, -65535.0f, std::numeric_limits<float>::max()}) {
    MeasuredImage m = measured_image("", Labels({20001, 2}, 1), {}, 0, 0);
    m.channels.emplace_back(Extent{20001, 2}, value);
    m.fixed.push_back(fixed_point_for(value));
    const auto views = m.views();
    EXPECT_TRUE(same_table(by_cpu(m), by_chain(m.planes(), {views, m.fixed})));
  }
}

TEST(RegionSumsChain, ConsecutiveLabelsNeedNoSearch) {
  MeasuredImage m = measured_image("", testing::random_labels({90, 70}, 6, 7, 1), {}, 2, 2);
  const RegionTable want = by_cpu(m);
  ASSERT_EQ(want.labels, (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6}));
  const auto views = m.views();
  RegionPlanes planes = m.planes();
  planes.consecutive = 6;
  EXPECT_TRUE(same_table(want, by_chain(planes, {views, m.fixed})));
  planes.consecutive = 7;
  const RegionTable more = by_chain(planes, {views, m.fixed});
  EXPECT_EQ(more.labels.size(), 7u);
  EXPECT_EQ(more.counts_of(6)[0] + more.counts_of(6)[2], 0);
  EXPECT_EQ(more.sums_of(6)[0], ChannelSums{});
  planes.consecutive = 5;
  EXPECT_THROW(by_chain(planes, {views, m.fixed}), InvalidArgument);
}

TEST(RegionSumsChain, TakesNothingAndRejectsWhatItsContractExcludes) {
  EXPECT_TRUE(by_chain({}, {}).labels.empty());
  const Labels labels({6, 5}, 2), other({5, 6}, 2);
  const HostPlane<float> small({5, 5}, 1.0f), plane({6, 5}, 1.0f);
  const Plane<const float> wrong = small.view(), right = plane.view();
  const FixedPoint fixed;
  const RegionPlanes good{labels.view(), {}, {6, 5}, 0, 0, 1, {0, 0, 6, 5}};
  EXPECT_NO_THROW(by_chain(good, {{&right, 1}, {&fixed, 1}}));
  EXPECT_THROW(by_chain(good, {{&wrong, 1}, {&fixed, 1}}), InvalidArgument);
  EXPECT_THROW(by_chain(good, {{&right, 1}, {}}), InvalidArgument);
  EXPECT_THROW(by_chain(good, {{&right, 1}, {&fixed, 1}, 1, 0}), InvalidArgument);
  for (const int reach2 : {-1, 64 * 64 + 1}) {
    RegionPlanes bad = good;
    bad.reach2_px = reach2;
    EXPECT_THROW(by_chain(bad, {}), InvalidArgument);
  }
  RegionPlanes bad = good;
  bad.core = {1, 0, 6, 5};
  EXPECT_THROW(by_chain(bad, {}), InvalidArgument);
  bad = good;
  bad.inner = other.view();
  EXPECT_THROW(by_chain(bad, {}), InvalidArgument);
}

TEST(OrderedKeys, AreInTheOrderOfFloats) {
  const float inf = std::numeric_limits<float>::infinity();
  const float ascending[] = {-inf, -3e38f, -1, -1e-45f, 0, 1e-45f, 1, 3e38f, inf};
  for (std::size_t i = 0; i + 1 < std::size(ascending); ++i)
    EXPECT_LT(detail::ordered_key(ascending[i]), detail::ordered_key(ascending[i + 1]));
  for (const float v : ascending) EXPECT_EQ(detail::value_of_key(detail::ordered_key(v)), v);
  EXPECT_FALSE(std::signbit(detail::value_of_key(detail::ordered_key(-0.0f))));
}

TEST(MagnitudeChain, EqualsTheHostOnAnyNumberOfThreads) {
  for (const Extent e : testing::kEdgeShapes)
    for (const auto& plane : testing::many_kinds_of_values(e, 4, 9))
      for_thread_counts([&] {
        EXPECT_EQ(largest_magnitude(CpuQueue{}, plane.view()),
                  detail::largest_magnitude_chain(CpuQueue{}, plane.view()));
      });
}

TEST(MagnitudeChain, NamesTheFirstPlaceThatIsNotFinite) {
  HostPlane<float> plane({70, 131}, 1.0f);
  plane(3, 100) = plane(2, 101) = plane(60, 100) = HUGE_VALF;
  try {
    detail::largest_magnitude_chain(CpuQueue{}, plane.view());
    FAIL();
  } catch (const InvalidArgument& e) {
    EXPECT_NE(std::string(e.what()).find("(3, 100)"), std::string::npos) << e.what();
  }
}

TEST(MagnitudeChain, TakesManyPlanesOfAnyExtents) {
  std::vector<HostPlane<float>> planes;
  for (const Extent e : testing::kEdgeShapes)
    for (auto& plane : testing::many_kinds_of_values(e, 2, 9)) planes.push_back(std::move(plane));
  for (const Extent e : {Extent{63, 127}, {64, 128}, {65, 129}, {200, 300}, {1, 1000}, {1000, 1}, {5, 5}, {6, 6}})
    for (auto& plane : testing::many_kinds_of_values(e, 2, 9)) planes.push_back(std::move(plane));
  std::vector<Plane<const float>> views;
  for (const auto& plane : planes) views.push_back(plane.view());
  views.insert(views.begin() + 3, Plane<const float>{});
  ASSERT_GT(views.size(), 17u) << "more than a launch takes";
  EXPECT_EQ(largest_magnitudes(CpuQueue{}, views),
            detail::largest_magnitudes_chain(CpuQueue{}, std::span<const Plane<const float>>(views)));
  for (const Rect at : {Rect{199, 299, 1, 1}, {0, 0, 1, 1}, {130, 128, 1, 1}}) {  // the largest anywhere
    HostPlane<float> one({200, 300}, -2.0f);
    one(at.x, at.y) = 3.0f;
    const Plane<const float> view = one.view();
    EXPECT_EQ(detail::largest_magnitude_chain(CpuQueue{}, view), 3.0f);
  }
}

class MagnitudeTwins : public testing::QueueTest {};

TEST_P(MagnitudeTwins, EqualTheCpuInWindows) {
  const auto plane = std::move(testing::many_kinds_of_values({70, 131}, 4, 9)[3]);
  for (const Rect r : {Rect{0, 0, 70, 131}, {3, 5, 1, 1}, {3, 5, 60, 111}}) {
    auto there = on_queue(plane);
    EXPECT_EQ(largest_magnitude(CpuQueue{}, plane.view().window(r)),
              largest_magnitude(queue(), there.view().window(r)));
  }
  EXPECT_EQ(largest_magnitude(queue(), {}), 0.0f);
  EXPECT_EQ(largest_magnitudes(queue(), {}), std::vector<float>{});
  auto a = on_queue(plane), b = on_queue(testing::many_kinds_of_values({70, 131}, 4, 9)[1]);
  const Plane<const float> both[] = {a.view(), b.view()};
  EXPECT_EQ(largest_magnitudes(queue(), both),
            (std::vector<float>{largest_magnitude(queue(), both[0]), largest_magnitude(queue(), both[1])}));
}

TEST_P(MagnitudeTwins, NameTheFirstPlaceThatIsNotFinite) {
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    HostPlane<float> plane({70, 131}, 1.0f);
    plane(3, 100) = plane(2, 101) = plane(60, 100) = bad;
    auto there = on_queue(plane);
    try {
      largest_magnitude(queue(), there.view());
      FAIL();
    } catch (const InvalidArgument& e) {
      EXPECT_NE(std::string(e.what()).find("(3, 100)"), std::string::npos) << e.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, MagnitudeTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

// The form of each queue.
RegionTable table_on(const CpuQueue&, const RegionPlanes& planes, const ChannelPlanes& channels) {
  return by_chain(planes, channels);
}
#if HX_WITH_CUDA
RegionTable table_on(const CudaQueue& q, const RegionPlanes& planes, const ChannelPlanes& channels) {
  const auto regions = regions_on(q, planes);
  return fetch_table(q, regions, region_sums_on(q, regions, channels));
}
#endif

class RegionSumsTwins : public testing::QueueTest {};

TEST_P(RegionSumsTwins, EqualTheHost) {
  for (const MeasuredImage& m : measured_images()) {
    auto outer = on_queue(m.outer), inner = on_queue(m.inner);
    RegionPlanes planes = m.planes();
    planes.outer = outer.view(), planes.inner = inner.view();
    std::deque<testing::PlaneOnQueue<float>> channels;
    std::vector<Plane<const float>> views;
    for (const auto& c : m.channels) channels.push_back(on_queue(c)), views.push_back(channels.back().view());
    const RegionTable got = std::visit([&](const auto& q) { return table_on(q, planes, {views, m.fixed}); }, queue());
    EXPECT_TRUE(same_table(by_cpu(m), got)) << m.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, RegionSumsTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
/// The image's planes on a device.
struct Uploaded {
  RegionPlanes planes;
  std::vector<Plane<const float>> views;
  Uploaded(testing::DeviceUse& use, const MeasuredImage& m) : planes(m.planes()) {
    planes.outer = use.upload(m.outer);
    if (!m.inner.extent().empty()) planes.inner = use.upload(m.inner);
    for (const auto& c : m.channels) views.push_back(use.upload(c));
  }
};

TEST(RegionSumsOnDevice, EndsInATypedErrorOrTheRightSumsWhicheverCallFails) {
  const MeasuredImage m =
      measured_image("", testing::random_labels({23, 17}, 9, 4, 1), testing::random_labels({23, 17}, 9, 2, 2), 2, 4);
  const RegionTable want = by_cpu(m);
  const float largest = largest_magnitude(CpuQueue{}, m.channels[0].view());
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const Uploaded there(use, m);
        return same_table(want, table_on(use.queue(), there.planes, {there.views, m.fixed})) &&
               largest_magnitude(use.queue(), there.views[0]) == largest;
      },
      30);
}
#endif

}  // namespace
}  // namespace hexaplex
