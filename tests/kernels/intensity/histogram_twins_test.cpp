#include <gtest/gtest.h>

#include "kernels/intensity/histogram.h"
#include "kernels/intensity/histogram_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::random_plane;
using Pixels = HostPlane<std::uint16_t>;
using Floats = HostPlane<float>;

// Finite floats of either sign and any size.
Floats random_floats(Extent e, unsigned seed) {
  Floats out(e);
  const auto noise = random_plane<std::uint16_t>(e, seed);
  for (std::int64_t i = 0; i < e.area(); ++i) {
    const float key = float_of_key(noise.data()[i]);
    out.data()[i] = key - key == 0 ? key * 1.001f : 0.0f;
    if (out.data()[i] - out.data()[i] != 0) out.data()[i] = -0.0f;
  }
  return out;
}

std::vector<std::pair<Pixels, Floats>> cases() {
  std::vector<std::pair<Pixels, Floats>> out;
  for (const Extent e : testing::kEdgeShapes) out.emplace_back(random_plane<std::uint16_t>(e, 1), random_floats(e, 2));
  out.emplace_back(random_plane<std::uint16_t>({501, 333}, 3), random_floats({501, 333}, 4));
  out.emplace_back(Pixels({300, 200}, 65535), Floats({300, 200}, 0.0f));  // all want one counter
  return out;
}

// Counts that need 64 bits are there already.
Histogram16 begun() {
  Histogram16 h = empty_histogram();
  for (std::size_t i = 0; i < h.size(); ++i) h[i] = static_cast<std::int64_t>(i) << 33;
  return h;
}

template <class T>
Histogram16 by_cpu(const HostPlane<T>& src) {
  Histogram16 h = begun();
  add_to_histogram(CpuQueue{}, src.view(), h);
  return h;
}

TEST(HistogramChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const auto& [pixels, floats] : cases()) {
    const Histogram16 want = by_cpu(pixels), want_floats = by_cpu(floats);
    testing::for_thread_counts([&, &u = pixels, &f = floats] {
      Histogram16 got = begun(), got_floats = begun();
      detail::add_to_histogram_chain(CpuQueue{}, u.view(), got);
      detail::add_to_histogram_chain(CpuQueue{}, f.view(), got_floats);
      EXPECT_EQ(want, got);
      EXPECT_EQ(want_floats, got_floats);
    });
  }
}

class HistogramTwins : public testing::QueueTest {};

TEST_P(HistogramTwins, EqualTheCpu) {
  for (const auto& [pixels, floats] : cases()) {
    auto u = on_queue(pixels);
    auto f = on_queue(floats);
    Histogram16 got = begun(), got_floats = begun();
    add_to_histogram(queue(), u.view(), got);
    add_to_histogram(queue(), f.view(), got_floats);
    EXPECT_EQ(by_cpu(pixels), got);
    EXPECT_EQ(by_cpu(floats), got_floats);
  }
}

TEST_P(HistogramTwins, KeepToTheirWindows) {
  const Pixels whole = random_plane<std::uint16_t>({61, 47}, 5);
  const Rect window{7, 5, 33, 29};
  auto u = on_queue(whole);
  Histogram16 got = begun();
  add_to_histogram(queue(), u.view().window(window), got);
  EXPECT_EQ(by_cpu(testing::crop(whole, window)), got);
}

TEST_P(HistogramTwins, TakeEmptyPlanes) {
  for (const Extent e : testing::kEmptyShapes) {
    Histogram16 got = begun();
    add_to_histogram(queue(), Plane<const std::uint16_t>{nullptr, e, e.width}, got);
    add_to_histogram(queue(), Plane<const float>{nullptr, e, e.width}, got);
    EXPECT_EQ(begun(), got);
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, HistogramTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(HistogramOnDevice, EndsInATypedErrorOrTheRightCountsWhicheverCallFails) {
  const Pixels src = random_plane<std::uint16_t>({23, 17}, 5);
  const Histogram16 want = by_cpu(src);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        Histogram16 got = begun();
        add_to_histogram(use.queue(), use.upload(src), got);
        return got == want;
      },
      9);
}
#endif

}  // namespace
}  // namespace hexaplex
