#include <gtest/gtest.h>

#include <deque>

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_residual.h"
#include "kernels/intensity/unmix_residual_chain.h"
#include "tests/kernels/intensity/unmix_oracle.h"
#include "tests/support/failing_calls.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The CPU's operator is held against sums in long double in unmix_residual_test.cpp; here the others against the CPU's.

namespace hexaplex {
namespace {

using testing::same_pixels;
using Counts = HostPlane<std::uint16_t>;
using Floats = HostPlane<float>;

struct Case {
  UnmixModel model;
  std::vector<Counts> counts;
  std::vector<Floats> floats;  // of a size that takes sums beyond 64 bits
  std::vector<Floats> components;
};

Case make_case(int bands, int components, Extent e, double photons = 400) {
  const test::MixedImage image =
      test::mixed_image(test::bump_library(bands, components, 1.1), bands, components, e, 5, photons);
  Case c{make_unmix_model(image.library, bands, components, 10), {}, {}, {}};
  for (const auto& p : image.counts) {
    c.counts.push_back(p.copy());
    c.floats.emplace_back(e);
    for (std::int64_t i = 0; i < e.area(); ++i) c.floats.back().data()[i] = static_cast<float>(p.data()[i]) * 1.7f;
    c.floats.back()(0, 0) = 3e10f;  // more quanta than are counted
  }
  test::Abundances x(components, e);
  unmix_non_negative(CpuQueue{}, c.model, image.views(), x.views());
  c.components = std::move(x.planes);
  c.components[0](0, 0) = -0.0f;
  return c;
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const Extent e : testing::kEdgeShapes) out.push_back(make_case(5, 3, e));
  out.push_back(make_case(9, 8, {301, 177}));  // more pixels than threads sum
  out.push_back(make_case(14, 9, {64, 30}, 20));
  out.push_back(make_case(43, 11, {31, 9}));
  Case saturated = make_case(5, 3, {129, 65});
  for (auto& p : saturated.counts) p = Counts(p.extent(), 65535);
  for (auto& p : saturated.components) p = Floats(p.extent(), 3e9f);  // residuals beyond 2^27 quanta
  out.push_back(std::move(saturated));
  Case dark = make_case(5, 3, {20, 20});
  for (auto& p : dark.counts) p = Counts(p.extent(), 10);  // no signal at all
  out.push_back(std::move(dark));
  return out;
}

template <class T>
std::vector<Plane<const T>> views(const std::vector<HostPlane<T>>& planes) {
  std::vector<Plane<const T>> out;
  for (const auto& p : planes) out.push_back(p.view());
  return out;
}

struct Result {
  Floats relative;
  ResidualSums sums;
};

// Sums that have begun already, and are about to carry.
template <class T>
Result begun(const Case& c) {
  Result out{Floats(c.counts[0].extent(), -7.0f),
             ResidualSums(c.model.bands, std::is_same_v<T, float> ? kFloatQuantum : kCountQuantum)};
  for (auto& s : out.sums.signal_squares) s.add(~std::uint64_t{0});
  out.sums.pixels = 3;
  return out;
}

template <class T>
Result by_cpu(const Case& c, const std::vector<HostPlane<T>>& bands) {
  Result out = begun<T>(c);
  unmix_residual(CpuQueue{}, c.model, views(bands), views(c.components), out.relative.view(), out.sums);
  return out;
}

bool same(const std::vector<WideSum>& a, const std::vector<WideSum>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const WideSum& l, const WideSum& r) { return l.low == r.low && l.high == r.high; });
}

bool same(const ResidualSums& a, const ResidualSums& b) {
  return a.pixels == b.pixels && same(a.signal_squares, b.signal_squares) &&
         same(a.residual_squares, b.residual_squares);
}

template <class T>
void expect_chain_equals_cpu(const Case& c, const std::vector<HostPlane<T>>& bands) {
  const Result want = by_cpu(c, bands);
  const auto in = views(bands);
  const auto components = views(c.components);
  testing::for_thread_counts([&] {
    Result got = begun<T>(c);
    detail::unmix_residual_chain(CpuQueue{}, c.model, std::span<const Plane<const T>>(in),
                                 std::span<const Plane<const float>>(components), got.relative.view(), got.sums);
    EXPECT_TRUE(same_pixels(want.relative, got.relative));
    EXPECT_TRUE(same(want.sums, got.sums));
  });
}

TEST(UnmixResidualChain, EqualsTheCpuOnAnyNumberOfThreads) {
  bool wide = false;
  for (const Case& c : cases()) {
    expect_chain_equals_cpu(c, c.counts);
    expect_chain_equals_cpu(c, c.floats);
    for (const WideSum& s : by_cpu(c, c.floats).sums.residual_squares) wide |= s.high > 1u << 20;
  }
  EXPECT_TRUE(wide) << "no sum went far beyond 64 bits";
}

class UnmixResidualTwins : public testing::QueueTest {
 protected:
  template <class T>
  using Planes = std::deque<testing::PlaneOnQueue<T>>;

  template <class T>
  std::vector<Plane<const T>> upload(const std::vector<HostPlane<T>>& planes, Planes<T>& keep) {
    std::vector<Plane<const T>> out;
    for (const auto& p : planes) {
      keep.push_back(on_queue(p));
      out.push_back(keep.back().view());
    }
    return out;
  }

  template <class T>
  void expect_equals_cpu(const Case& c, const std::vector<HostPlane<T>>& bands) {
    const Result want = by_cpu(c, bands);
    Result got = begun<T>(c), sums_only = begun<T>(c);
    Planes<T> keep_bands;
    Planes<float> keep;
    const auto in = upload(bands, keep_bands);
    const auto components = upload(c.components, keep);
    auto relative = on_queue(got.relative);
    unmix_residual(queue(), c.model, in, components, relative.view(), got.sums);
    unmix_residual(queue(), c.model, in, components, Plane<float>{}, sums_only.sums);
    EXPECT_TRUE(same_pixels(want.relative, relative.pixels()));
    EXPECT_TRUE(same(want.sums, got.sums));
    EXPECT_TRUE(same(want.sums, sums_only.sums));
  }
};

TEST_P(UnmixResidualTwins, EqualTheCpu) {
  for (const Case& c : cases()) {
    expect_equals_cpu(c, c.counts);
    expect_equals_cpu(c, c.floats);
  }
}

TEST_P(UnmixResidualTwins, KeepToTheirWindows) {
  const Rect window{7, 5, 33, 29};
  const Case whole = make_case(5, 3, {61, 47});
  Case part{whole.model, {}, {}, {}};
  for (const auto& p : whole.counts) part.counts.push_back(testing::crop(p, window));
  for (const auto& p : whole.components) part.components.push_back(testing::crop(p, window));
  const Result want = by_cpu(part, part.counts);
  Result got = begun<std::uint16_t>(whole);
  Planes<std::uint16_t> keep_bands;
  Planes<float> keep;
  auto in = upload(whole.counts, keep_bands);
  auto components = upload(whole.components, keep);
  for (auto& v : in) v = v.window(window);
  for (auto& v : components) v = v.window(window);
  auto relative = on_queue(got.relative);
  unmix_residual(queue(), whole.model, in, components, relative.view().window(window), got.sums);
  Floats around = relative.pixels();
  EXPECT_TRUE(same_pixels(want.relative, testing::crop(around, window)));
  EXPECT_TRUE(same(want.sums, got.sums));
  for (int y = window.y; y < window.bottom(); ++y)
    for (int x = window.x; x < window.right(); ++x) around(x, y) = -7.0f;
  EXPECT_TRUE(same_pixels(Floats({61, 47}, -7.0f), around));
}

TEST_P(UnmixResidualTwins, TakeEmptyPlanes) {
  const Case c = make_case(5, 3, {1, 1});
  for (const Extent e : testing::kEmptyShapes) {
    const std::vector<Plane<const std::uint16_t>> in(5, {nullptr, e, e.width});
    const std::vector<Plane<const float>> components(3, {nullptr, e, e.width});
    ResidualSums sums(5);
    unmix_residual(queue(), c.model, in, components, {}, sums);
    EXPECT_TRUE(same(ResidualSums(5), sums));
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, UnmixResidualTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(UnmixResidualOnDevice, EndsInATypedErrorOrTheRightSumsWhicheverCallFails) {
  const Case c = make_case(4, 2, {23, 17});
  const Result want = by_cpu(c, c.counts);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        Result got = begun<std::uint16_t>(c);
        std::vector<Plane<const std::uint16_t>> in;
        std::vector<Plane<const float>> components;
        for (const auto& p : c.counts) in.push_back(use.upload(p));
        for (const auto& p : c.components) components.push_back(use.upload(p));
        const auto relative = use.upload(got.relative);
        unmix_residual(use.queue(), c.model, in, components, relative, got.sums);
        return same(want.sums, got.sums) && same_pixels(want.relative, use.download(relative));
      },
      25);
}
#endif

}  // namespace
}  // namespace hexaplex
