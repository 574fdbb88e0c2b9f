#include <gtest/gtest.h>

#include <limits>

#include "kernels/intensity/quantise.h"
#include "kernels/intensity/quantise_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The CPU's operators are held against sums by hand in quantise_test.cpp; here the others are held against the CPU's.

namespace hexaplex {
namespace {

using testing::crop;
using testing::for_thread_counts;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

constexpr float kScale = 3.7f;

struct Case {
  HostPlane<float> src;
  Pixels counts, dst;
};

// Values around every half, beyond both ends, and of every size.
Case make_case(Extent e) {
  Case c{HostPlane<float>(e), random_plane<std::uint16_t>(e, 1), random_plane<std::uint16_t>(e, 2)};
  const float hard[] = {
      0.0f,  -0.0f, 0.5f / kScale, 1.5f / kScale, 65534.5f / kScale, 65535.5f / kScale,
      -1.0f, 1e30f, -1e30f,        1e-40f,        17714.0f,          std::numeric_limits<float>::max()};
  const auto noise = random_plane<std::uint32_t>(e, 3);
  for (std::int64_t i = 0; i < e.area(); ++i) {
    const std::uint32_t n = noise.data()[i];
    c.src.data()[i] = n % 4 == 0 ? hard[n / 4 % std::size(hard)] : static_cast<float>(n >> 8) / 512 - 3000;
  }
  return c;
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const Extent e : testing::kEdgeShapes) out.push_back(make_case(e));
  out.push_back(make_case({301, 77}));
  return out;
}

Table16 scrambled() {
  Table16 table(65536);
  for (int v = 0; v < 65536; ++v) table[v] = static_cast<std::uint16_t>(v * 40503u >> 3);
  return table;
}

struct Results {
  Pixels quantised, sum, saturated, looked_up;
};

Results by_cpu(const Case& c) {
  Results out{c.dst.copy(), c.dst.copy(), c.dst.copy(), c.dst.copy()};
  quantise(CpuQueue{}, c.src.view(), out.quantised.view(), kScale);
  add_quantised(CpuQueue{}, c.src.view(), out.sum.view(), kScale);
  add_saturating(CpuQueue{}, c.counts.view(), out.saturated.view());
  apply_table(CpuQueue{}, c.counts.view(), out.looked_up.view(), scrambled());
  return out;
}

void expect_same(const Results& want, const Results& got) {
  EXPECT_TRUE(same_pixels(want.quantised, got.quantised));
  EXPECT_TRUE(same_pixels(want.sum, got.sum));
  EXPECT_TRUE(same_pixels(want.saturated, got.saturated));
  EXPECT_TRUE(same_pixels(want.looked_up, got.looked_up));
}

TEST(QuantiseChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Case& c : cases()) {
    const Results want = by_cpu(c);
    for_thread_counts([&] {
      Results got{c.dst.copy(), c.dst.copy(), c.dst.copy(), c.dst.copy()};
      const CpuQueue q;
      detail::quantise_chain(q, c.src.view(), got.quantised.view(), kScale);
      detail::add_quantised_chain(q, c.src.view(), got.sum.view(), kScale);
      detail::add_saturating_chain(q, c.counts.view(), got.saturated.view());
      detail::apply_table_chain(q, c.counts.view(), got.looked_up.view(), scrambled());
      expect_same(want, got);
    });
  }
}

class QuantiseTwins : public testing::QueueTest {};

TEST_P(QuantiseTwins, EqualTheCpu) {
  for (const Case& c : cases()) {
    auto src = on_queue(c.src);
    auto counts = on_queue(c.counts);
    auto quantised = on_queue(c.dst), sum = on_queue(c.dst), saturated = on_queue(c.dst), looked_up = on_queue(c.dst);
    auto place = on_queue(c.counts);
    quantise(queue(), src.view(), quantised.view(), kScale);
    add_quantised(queue(), src.view(), sum.view(), kScale);
    add_saturating(queue(), counts.view(), saturated.view());
    apply_table(queue(), counts.view(), looked_up.view(), scrambled());
    apply_table(queue(), place.view(), place.view(), scrambled());
    const Results want = by_cpu(c);
    expect_same(want, {quantised.pixels(), sum.pixels(), saturated.pixels(), looked_up.pixels()});
    EXPECT_TRUE(same_pixels(want.looked_up, place.pixels()));
  }
}

TEST_P(QuantiseTwins, KeepToTheirWindows) {
  const Rect window{5, 3, 37, 21};
  const Case whole = make_case({61, 47});
  const Results want = by_cpu({crop(whole.src, window), crop(whole.counts, window), crop(whole.dst, window)});
  auto src = on_queue(whole.src);
  auto counts = on_queue(whole.counts);
  auto expect_inside = [&](const Pixels& wanted, Pixels got) {
    EXPECT_TRUE(same_pixels(wanted, crop(got, window)));
    for (int y = window.y; y < window.bottom(); ++y)
      for (int x = window.x; x < window.right(); ++x) got(x, y) = whole.dst(x, y);
    EXPECT_TRUE(same_pixels(whole.dst, got)) << "outside the window";
  };
  auto dst = on_queue(whole.dst);
  quantise(queue(), src.view().window(window), dst.view().window(window), kScale);
  expect_inside(want.quantised, dst.pixels());
  dst = on_queue(whole.dst);
  add_quantised(queue(), src.view().window(window), dst.view().window(window), kScale);
  expect_inside(want.sum, dst.pixels());
  dst = on_queue(whole.dst);
  add_saturating(queue(), counts.view().window(window), dst.view().window(window));
  expect_inside(want.saturated, dst.pixels());
  dst = on_queue(whole.dst);
  apply_table(queue(), counts.view().window(window), dst.view().window(window), scrambled());
  expect_inside(want.looked_up, dst.pixels());
}

TEST_P(QuantiseTwins, TakeEmptyPlanes) {
  for (const Extent e : testing::kEmptyShapes) {
    const Plane<float> f{nullptr, e, e.width};
    const Plane<std::uint16_t> u{nullptr, e, e.width};
    EXPECT_NO_THROW(quantise(queue(), f, u, 1));
    EXPECT_NO_THROW(add_quantised(queue(), f, u, 1));
    EXPECT_NO_THROW(add_saturating(queue(), u, u));
    EXPECT_NO_THROW(apply_table(queue(), u, u, Table16(65536)));
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, QuantiseTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(QuantiseOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  const Case c = make_case({23, 17});
  const Results want = by_cpu(c);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const Queue q = use.queue();
        const auto src = use.upload(c.src);
        const auto counts = use.upload(c.counts);
        const auto quantised = use.upload(c.dst), sum = use.upload(c.dst), saturated = use.upload(c.dst),
                   looked_up = use.upload(c.dst);
        quantise(q, src, quantised, kScale);
        add_quantised(q, src, sum, kScale);
        add_saturating(q, counts, saturated);
        apply_table(q, counts, looked_up, scrambled());
        return same_pixels(want.quantised, use.download(quantised)) && same_pixels(want.sum, use.download(sum)) &&
               same_pixels(want.saturated, use.download(saturated)) &&
               same_pixels(want.looked_up, use.download(looked_up));
      },
      30);
}
#endif

}  // namespace
}  // namespace hexaplex
