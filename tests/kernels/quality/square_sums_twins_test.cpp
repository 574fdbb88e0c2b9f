#include <gtest/gtest.h>

#include <cstring>
#include <deque>

#include "kernels/quality/square_sums.h"
#include "kernels/quality/square_sums_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The CPU's operator is held against its definition in square_sums_test.cpp; here the others against the CPU's.

namespace hexaplex {
namespace {

using testing::random_plane;
using Squares = HostPlane<SquareSums>;
using Mask = HostPlane<std::uint8_t>;

struct Case {
  std::vector<HostPlane<std::uint16_t>> counts;
  std::vector<HostPlane<float>> floats;  // signs, fractions, and sizes at which the order of a sum shows
  Mask scanned;
  SquareOptions options;
};

Case make_case(Extent e, int bands, int nuclear_band, double saturation = 60000) {
  Case c{{}, {}, random_plane<std::uint8_t>(e, 9), {nuclear_band, saturation}};
  for (std::int64_t i = 0; i < e.area(); ++i) c.scanned.data()[i] &= 1;
  for (int b = 0; b < bands; ++b) {
    c.counts.push_back(random_plane<std::uint16_t>(e, static_cast<unsigned>(b)));
    const auto noise = random_plane<std::uint32_t>(e, static_cast<unsigned>(100 + b));
    c.floats.emplace_back(e);
    for (std::int64_t i = 0; i < e.area(); ++i) {
      const std::uint32_t n = noise.data()[i];
      const float v = static_cast<float>(n >> 8) / 1024 - 1000;
      c.floats.back().data()[i] = n % 16 == 0 ? v * 1e15f : v;
    }
  }
  return c;
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const Extent e : testing::kEdgeShapes) out.push_back(make_case(e, 3, 1));
  for (const Extent e : {Extent{32, 32}, {33, 31}, {31, 33}, {100, 70}}) out.push_back(make_case(e, 2, 0));
  for (const int bands : {1, 4, 5, 9, 35}) out.push_back(make_case({70, 66}, bands, bands - 1));
  out.push_back(make_case({70, 66}, 3, 1, -std::numeric_limits<double>::infinity()));
  out.push_back(make_case({70, 66}, 3, 1, std::numeric_limits<double>::infinity()));
  out.push_back(make_case({64, 64}, 6, 2));
  for (auto& p : out.back().counts) p = HostPlane<std::uint16_t>({64, 64}, 65535);
  return out;
}

template <class T>
std::vector<Plane<const T>> views(const std::vector<HostPlane<T>>& planes) {
  std::vector<Plane<const T>> out;
  for (const auto& p : planes) out.push_back(p.view());
  return out;
}

SquareSums blank() {
  SquareSums out;
  out.nuclear = -7;
  return out;
}

template <class T>
Squares by_cpu(const Case& c, const std::vector<HostPlane<T>>& bands, bool all_scanned = false) {
  Squares out(square_grid(bands[0].extent()), blank());
  measure_squares(CpuQueue{}, views(bands), c.options, all_scanned ? Plane<const std::uint8_t>{} : c.scanned.view(),
                  out.view());
  return out;
}

// All bits: there is no padding.
static_assert(sizeof(SquareSums) == 8 * sizeof(float) + 2 * sizeof(std::uint16_t));
bool same(const Squares& want, const Squares& got) {
  return want.extent() == got.extent() && std::memcmp(want.data(), got.data(), want.bytes()) == 0;
}

TEST(SquareSumsChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Case& c : cases()) {
    const Squares want = by_cpu(c, c.counts), want_floats = by_cpu(c, c.floats);
    const auto counts = views(c.counts);
    const auto floats = views(c.floats);
    testing::for_thread_counts([&] {
      Squares got(want.extent(), blank()), got_floats(want.extent(), blank());
      const CpuQueue q;
      detail::measure_squares_chain(q, std::span<const Plane<const std::uint16_t>>(counts), c.options, c.scanned.view(),
                                    got.view());
      detail::measure_squares_chain(q, std::span<const Plane<const float>>(floats), c.options, c.scanned.view(),
                                    got_floats.view());
      EXPECT_TRUE(same(want, got));
      EXPECT_TRUE(same(want_floats, got_floats));
    });
  }
}

class SquareSumsTwins : public testing::QueueTest {
 protected:
  template <class T>
  void expect_equals_cpu(const Case& c, const std::vector<HostPlane<T>>& bands) {
    std::deque<testing::PlaneOnQueue<T>> keep;
    std::vector<Plane<const T>> in;
    for (const auto& p : bands) {
      keep.push_back(on_queue(p));
      in.push_back(keep.back().view());
    }
    auto scanned = on_queue(c.scanned);
    auto out = on_queue(Squares(square_grid(bands[0].extent()), blank()));
    measure_squares(queue(), in, c.options, scanned.view(), out.view());
    EXPECT_TRUE(same(by_cpu(c, bands), out.pixels()));
    measure_squares(queue(), in, c.options, {}, out.view());
    EXPECT_TRUE(same(by_cpu(c, bands, true), out.pixels())) << "all scanned";
  }
};

TEST_P(SquareSumsTwins, EqualTheCpu) {
  for (const Case& c : cases()) {
    expect_equals_cpu(c, c.counts);
    expect_equals_cpu(c, c.floats);
  }
}

TEST_P(SquareSumsTwins, KeepToTheirWindows) {
  const Rect window{64, 32, 70, 66}, squares{2, 1, 3, 3};
  const Case whole = make_case({170, 131}, 3, 1);
  Case part{{}, {}, testing::crop(whole.scanned, window), whole.options};
  std::deque<testing::PlaneOnQueue<std::uint16_t>> keep;
  std::vector<Plane<const std::uint16_t>> in;
  for (const auto& p : whole.counts) {
    part.counts.push_back(testing::crop(p, window));
    keep.push_back(on_queue(p));
    in.push_back(keep.back().view().window(window));
  }
  auto scanned = on_queue(whole.scanned);
  const Squares before(square_grid({170, 131}), blank());
  auto out = on_queue(before);
  measure_squares(queue(), in, whole.options, scanned.view().window(window), out.view().window(squares));
  Squares around = out.pixels();
  EXPECT_TRUE(same(by_cpu(part, part.counts), testing::crop(around, squares)));
  for (int y = squares.y; y < squares.bottom(); ++y)
    for (int x = squares.x; x < squares.right(); ++x) around(x, y) = blank();
  EXPECT_TRUE(same(before, around)) << "outside the window";
}

TEST_P(SquareSumsTwins, TakeEmptyPlanes) {
  for (const Extent e : testing::kEmptyShapes) {
    const std::vector<Plane<const std::uint16_t>> in(2, {nullptr, e, e.width});
    EXPECT_NO_THROW(measure_squares(queue(), in, {}, {}, {}));
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, SquareSumsTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(SquareSumsOnDevice, EndsInATypedErrorOrTheRightSumsWhicheverCallFails) {
  const Case c = make_case({40, 35}, 2, 1);
  const Squares want = by_cpu(c, c.counts);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        std::vector<Plane<const std::uint16_t>> in;
        for (const auto& p : c.counts) in.push_back(use.upload(p));
        const auto scanned = use.upload(c.scanned);
        const auto out = use.upload(Squares(want.extent(), blank()));
        measure_squares(use.queue(), in, c.options, scanned, out);
        return same(want, use.download(out));
      },
      15);
}
#endif

}  // namespace
}  // namespace hexaplex
