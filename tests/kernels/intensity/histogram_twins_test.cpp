#include <gtest/gtest.h>

#include <deque>
#include <iterator>

#include "kernels/intensity/histogram.h"
#include "kernels/intensity/histogram_chain.h"
#include "kernels/runtime/error.h"
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

// As an image: neighbours are alike, often equal.
Pixels smooth_pixels(Extent e, unsigned seed) {
  Pixels out = random_plane<std::uint16_t>(e, seed);
  for (int y = 0; y < e.height; ++y)
    for (int x = 0; x < e.width; ++x) out(x, y) = static_cast<std::uint16_t>(8180 + x / 9 + y / 5 + out(x, y) % 3);
  return out;
}

// The ends of what is counted together, and values that share a word of shared memory with each other.
Pixels few_values(Extent e, unsigned seed) {
  constexpr std::uint16_t kValues[] = {0,     4095,  4096,  8191,  8192,  12287, 12288,
                                       16383, 16384, 32767, 32768, 57343, 57344, 65535};
  Pixels out = random_plane<std::uint16_t>(e, seed);
  for (std::int64_t i = 0; i < e.area(); ++i) out.data()[i] = kValues[out.data()[i] % std::size(kValues)];
  return out;
}

std::vector<std::pair<Pixels, Floats>> cases() {
  std::vector<std::pair<Pixels, Floats>> out;
  for (const Extent e : testing::kEdgeShapes) out.emplace_back(random_plane<std::uint16_t>(e, 1), random_floats(e, 2));
  out.emplace_back(random_plane<std::uint16_t>({501, 333}, 3), random_floats({501, 333}, 4));
  out.emplace_back(Pixels({300, 200}, 65535), Floats({300, 200}, 0.0f));  // all want one counter
  for (const int side : {31, 32, 33, 127, 128, 129, 257})                 // around a tile, and a thread's part of it
    out.emplace_back(smooth_pixels({side, 260 - side}, 5), random_floats({260 - side, side}, 6));
  out.emplace_back(few_values({129, 300}, 7), Floats({300, 129}, -1.5f));
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
      const Plane<const std::uint16_t> u_plane = u.view();
      const Plane<const float> f_plane = f.view();
      detail::add_to_histograms_chain<CpuQueue, std::uint16_t>(CpuQueue{}, {&u_plane, 1}, {&got, 1});
      detail::add_to_histograms_chain<CpuQueue, float>(CpuQueue{}, {&f_plane, 1}, {&got_floats, 1});
      EXPECT_EQ(want, got);
      EXPECT_EQ(want_floats, got_floats);
    });
  }
}

// More than one launch takes, of one tile and of several, one of them empty.
std::vector<Pixels> many_planes() {
  std::vector<Pixels> out;
  for (int k = 0; k < 37; ++k) out.push_back(smooth_pixels({1 + 7 * k, 150 - 3 * k}, static_cast<unsigned>(k)));
  out[4] = Pixels();
  return out;
}

TEST(HistogramChain, CountsSeveralPlanesTogether) {
  const std::vector<Pixels> sources = many_planes();
  std::vector<Plane<const std::uint16_t>> planes;
  std::vector<Histogram16> want, got(sources.size(), begun());
  for (const Pixels& src : sources) planes.push_back(src.view()), want.push_back(by_cpu(src));
  detail::add_to_histograms_chain<CpuQueue, std::uint16_t>(CpuQueue{}, planes, got);
  EXPECT_EQ(want, got);
}

TEST(HistogramChain, CountsSeveralPlanesIntoOne) {
  const std::vector<Pixels> sources = many_planes();
  std::vector<Plane<const std::uint16_t>> planes;
  Histogram16 want = begun();
  for (const Pixels& src : sources) planes.push_back(src.view()), add_to_histogram(CpuQueue{}, src.view(), want);
  testing::for_thread_counts([&] {
    Histogram16 got = begun();
    detail::add_to_histograms_chain<CpuQueue, std::uint16_t>(CpuQueue{}, planes, {&got, 1});
    EXPECT_EQ(want, got);
  });
}

TEST(HistogramChain, SharesCountersAsLongAsTheyCount) {
  const std::uint16_t pixel = 0;
  const Plane<const std::uint16_t> small{&pixel, {3, 3}, 3}, half{&pixel, {32768, 65536}, 32768};
  const std::vector<Plane<const std::uint16_t>> planes{small, half, small, half, small, half, half};
  std::vector<std::uint32_t> counters, own;
  for (const auto& c : detail::countable_planes<std::uint16_t>(planes, 1)) counters.push_back(c.counter);
  EXPECT_EQ(counters, (std::vector<std::uint32_t>{0, 0, 0, 1, 1, 2, 3})) << "two halves are one too many";
  for (const auto& c : detail::countable_planes<std::uint16_t>(planes, 7)) own.push_back(c.counter);
  EXPECT_EQ(own, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(HistogramChain, CutsWhatThirtyTwoBitsCannotCount) {
  const std::uint16_t pixel = 0;  // nobody reads a second one
  const Plane<const std::uint16_t> planes[] = {
      {&pixel, {65535, 65535}, 65535}, {nullptr, {0, 7}, 0}, {&pixel, {100000, 100000}, 100000}};
  std::int64_t rows[3] = {0, 0, 0};
  std::uint32_t counters = 0;
  for (const auto& [plane, histogram, counter] : detail::countable_planes<std::uint16_t>(planes, 3)) {
    EXPECT_LT(plane.extent.area(), std::int64_t{1} << 32);
    EXPECT_EQ(counter, counters++) << "a band fills one";
    EXPECT_EQ(plane.width(), planes[histogram].width());
    EXPECT_EQ(plane.data - planes[histogram].data, rows[histogram] * plane.width());
    rows[histogram] += plane.height();
  }
  EXPECT_EQ(rows[0], 65535);
  EXPECT_EQ(rows[1], 0);
  EXPECT_EQ(rows[2], 100000);
}

class HistogramTwins : public testing::QueueTest {
 protected:
  template <class T>
  void count_together(const std::vector<HostPlane<T>>& sources) {
    std::deque<testing::PlaneOnQueue<T>> there;
    std::vector<Plane<const T>> planes;
    std::vector<Histogram16> want, got(sources.size(), begun());
    for (const HostPlane<T>& src : sources) {
      planes.push_back(src.extent().empty() ? Plane<const T>{} : there.emplace_back(queue(), src).view());
      want.push_back(by_cpu(src));
    }
    add_to_histograms(queue(), planes, got);
    EXPECT_EQ(want, got);
  }
};

TEST_P(HistogramTwins, CountSeveralPlanesTogether) {
  count_together(many_planes());
  count_together(std::vector<Floats>{});
  std::vector<Floats> floats;
  for (int k = 0; k < 3; ++k) floats.push_back(random_floats({30 * k, 140 - k}, static_cast<unsigned>(k)));
  count_together(floats);
}

TEST_P(HistogramTwins, CountWindowsOfAnImageIntoOne) {
  const Pixels image = smooth_pixels({500, 300}, 9);
  auto there = on_queue(image);
  std::vector<Plane<const std::uint16_t>> windows;
  Histogram16 want = begun(), got = begun();
  for (int i = 0; i < 40; ++i) {
    const Rect r{(i * 37) % 450, (i * 53) % 260, 1 + i % 50, i % 41};
    windows.push_back(there.view().window(r));
    add_to_histogram(CpuQueue{}, image.view().window(r), want);
  }
  add_to_histogram(queue(), windows, got);
  EXPECT_EQ(want, got);
  add_to_histogram(queue(), std::span<const Plane<const std::uint16_t>>{}, got);
  EXPECT_EQ(want, got);
  Histogram16 short_one(256, 0);
  EXPECT_THROW(add_to_histogram(queue(), windows, short_one), InvalidArgument);
}

TEST_P(HistogramTwins, RejectWhatTheirContractExcludes) {
  auto src = on_queue(Pixels({2, 2}, 1));
  const std::vector<Plane<const std::uint16_t>> two{src.view(), src.view()};
  std::vector<Histogram16> one{begun()}, short_one{begun(), Histogram16(256, 0)};
  EXPECT_THROW(add_to_histograms(queue(), two, one), InvalidArgument);
  EXPECT_THROW(add_to_histograms(queue(), two, short_one), InvalidArgument);
}

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
