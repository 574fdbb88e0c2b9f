#include <gtest/gtest.h>

#include <cstring>

#include "kernels/measure/region_medians_chain.h"
#include "kernels/runtime/error.h"
#include "tests/support/failing_calls.h"
#include "tests/support/measured_regions.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The host's finder is held against sorting in region_medians_test.cpp; here the chain is held against it.

namespace hexaplex {
namespace {

using testing::Labels;
using testing::measured_image;
using testing::measured_images;
using testing::MeasuredImage;

constexpr PixelSets kSets{0b00010010, 0b00100101, 0b00001110, 0b01000101};  // set 7 is empty
constexpr int kSetCount = 8;

std::vector<double> by_cpu(const MeasuredImage& m, std::size_t channel) {
  const RegionRuns runs = testing::marked_runs(m);
  std::vector<double> out(runs.size() * kSetCount);
  MedianFinder finder;
  std::vector<float> values;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    finder.set_region(runs.of(i), kSets);
    values.clear();
    for (const PixelRun& r : runs.of(i)) {
      const float* row = m.channels[channel].view().row(r.y);
      values.insert(values.end(), row + r.begin, row + r.end);
    }
    finder.find(values, std::span(out).subspan(i * kSetCount, kSetCount));
  }
  return out;
}

template <class Q>
std::vector<double> fetched(const Q& q, const WorkBuffer<double, Q>& medians) {
  std::vector<double> out(medians.size());
  fetch(q, medians.data(), out.data(), out.size());
  return out;
}

// NaN, and the sign of zero, included.
bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

TEST(RegionMediansChain, EqualsTheHostOnAnyNumberOfThreads) {
  for (const MeasuredImage& m : measured_images())
    for (std::size_t c = 0; c < m.channels.size(); ++c) {
      const std::vector<double> want = by_cpu(m, c);
      for (const int threads : {1, 3}) {
        set_cpu_threads(threads);
        const CpuQueue q;
        const auto regions = detail::regions_chain(q, m.planes());
        const Plane<const float> plane = m.channels[c].view();
        EXPECT_TRUE(
            same_bits(want, fetched(q, detail::region_medians_chain(q, regions, {&plane, 1}, kSets, kSetCount))))
            << m.name << ", channel " << c;
      }
      set_cpu_threads(0);
    }
}

TEST(RegionMediansChain, OddEvenOneAndExtremes) {
  constexpr float kMost = std::numeric_limits<float>::max();
  struct Row {
    std::vector<float> values;
    double median;
  };
  for (const auto& [values, median] : {Row{{5, 1, 3}, 3}, Row{{5, 1, 4, 2}, 3}, Row{{7}, 7}, Row{{7, 7, 7, 7}, 7},
                                       Row{{-0.0f}, 0}, Row{{-0.0f, 0.0f}, 0}, Row{{-kMost, kMost}, 0},
                                       Row{{-kMost, kMost, 1}, 1}, Row{{2, 2, 3, 9}, 2.5}, Row{{-1, -2}, -1.5}}) {
    const Labels labels({static_cast<int>(values.size()), 1}, 1);
    const CpuQueue q;
    const auto regions = detail::regions_chain(
        q, {labels.view(), {}, labels.extent(), 0, 0, 0, {0, 0, labels.width(), labels.height()}});
    const Plane<const float> plane{values.data(), labels.extent(), labels.width()};
    EXPECT_TRUE(
        same_bits({median}, fetched(q, detail::region_medians_chain(q, regions, {&plane, 1}, {1, 1, 1, 1}, 1))));
  }
}

TEST(RegionMediansChain, TakesNothingAndRejectsWhatItsContractExcludes) {
  const CpuQueue q;
  const auto none = detail::regions_chain(q, {});
  const Plane<const float> empty{};
  EXPECT_EQ(detail::region_medians_chain(q, none, {&empty, 1}, kSets, 8).size(), 0u);
  const Labels labels({6, 5}, 2);
  const HostPlane<float> small_plane({5, 5}, 1.0f), plane_6_5({6, 5}, 1.0f);
  const Plane<const float> small = small_plane.view(), plane = plane_6_5.view();
  const auto regions = detail::regions_chain(q, {labels.view(), {}, {6, 5}, 0, 0, 1, {0, 0, 6, 5}});
  EXPECT_EQ(detail::region_medians_chain(q, regions, {&plane, 1}, kSets, 0).size(), 0u);
  EXPECT_THROW(detail::region_medians_chain(q, regions, {&small, 1}, kSets, 8), InvalidArgument);
  EXPECT_THROW(detail::region_medians_chain(q, regions, {&plane, 1}, kSets, 9), InvalidArgument);
  EXPECT_THROW(detail::region_medians_chain(q, regions, {&plane, 1}, kSets, -1), InvalidArgument);
}

TEST(RegionMediansChain, SeveralChannelsAreOneAfterTheOther) {
  const MeasuredImage m =
      measured_image("", testing::random_labels({90, 70}, 9, 7, 1), testing::random_labels({90, 70}, 9, 4, 2), 6, 4);
  std::vector<double> want;
  for (std::size_t c = 0; c < 6; ++c) {
    const std::vector<double> one = by_cpu(m, c);
    want.insert(want.end(), one.begin(), one.end());
  }
  const CpuQueue q;
  const auto views = m.views();
  const auto regions = detail::regions_chain(q, m.planes());
  EXPECT_TRUE(same_bits(want, fetched(q, detail::region_medians_chain(q, regions, views, kSets, kSetCount))));
}

TEST(RegionMediansChain, LargeRegionsAndAllBitsOfKeys) {
  // More pixels than a block's threads, over many tiles; keys from the least to the greatest, neighbours of each other,
  // and few levels.
  const Extent e{301, 143};
  Labels labels(e, 1);
  for (int x = 0; x < 40; ++x) labels(x, 7) = 2;
  MeasuredImage m = measured_image("", std::move(labels), {}, 4, 4);
  std::mt19937 random(5);
  for (std::int64_t i = 0; i < e.area(); ++i) {
    m.channels[0].data()[i] = detail::value_of_key(0x00800000u + random() % 0xfeffffffu);
    m.channels[1].data()[i] = detail::value_of_key(0x807fff00u + random() % 512);
    m.channels[2].data()[i] = static_cast<float>(random() % 2);
  }
  const CpuQueue q;
  const auto regions = detail::regions_chain(q, m.planes());
  for (std::size_t c = 0; c < 4; ++c) {
    const Plane<const float> plane = m.channels[c].view();
    EXPECT_TRUE(
        same_bits(by_cpu(m, c), fetched(q, detail::region_medians_chain(q, regions, {&plane, 1}, kSets, kSetCount))));
  }
}

// The form of each queue.
std::vector<double> medians_on(const CpuQueue& q, const RegionPlanes& planes, Plane<const float> plane) {
  return fetched(q, detail::region_medians_chain(q, detail::regions_chain(q, planes), {&plane, 1}, kSets, kSetCount));
}
#if HX_WITH_CUDA
std::vector<double> medians_on(const CudaQueue& q, const RegionPlanes& planes, Plane<const float> plane) {
  return fetched(q, region_medians_on(q, regions_on(q, planes), plane, kSets, kSetCount));
}
#endif

class RegionMediansTwins : public testing::QueueTest {};

TEST_P(RegionMediansTwins, EqualTheHost) {
  for (const MeasuredImage& m : measured_images()) {
    auto outer = on_queue(m.outer), inner = on_queue(m.inner);
    RegionPlanes planes = m.planes();
    planes.outer = outer.view(), planes.inner = inner.view();
    for (std::size_t c = 0; c < m.channels.size(); ++c) {
      auto plane = on_queue(m.channels[c]);
      const auto got = std::visit([&](const auto& q) { return medians_on(q, planes, plane.view()); }, queue());
      EXPECT_TRUE(same_bits(by_cpu(m, c), got)) << m.name << ", channel " << c;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, RegionMediansTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(RegionMediansOnDevice, EndsInATypedErrorOrTheRightMediansWhicheverCallFails) {
  const MeasuredImage m = measured_image("", testing::random_labels({9, 7}, 5, 3, 1), {}, 1, 1);
  const std::vector<double> want = by_cpu(m, 0);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        RegionPlanes planes = m.planes();
        planes.outer = use.upload(m.outer);
        return same_bits(want, medians_on(use.queue(), planes, use.upload(m.channels[0])));
      },
      30);
}
#endif

}  // namespace
}  // namespace hexaplex
