#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <utility>

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_least_squares_chain.h"
#include "kernels/intensity/unmix_non_negative_chain.h"
#include "kernels/intensity/unmix_saturation_chain.h"
#include "kernels/intensity/unmix_untabled_chain.h"
#include "tests/kernels/intensity/unmix_oracle.h"
#include "tests/support/failing_calls.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The CPU's operators are held against long double in unmix_test.cpp; here the others are held against the CPU's.

namespace hexaplex {
namespace {

using test::bump_library;
using test::mixed_image;
using test::MixedImage;
using testing::for_thread_counts;
using testing::same_pixels;
using Counts = HostPlane<std::uint16_t>;
using Floats = HostPlane<float>;

template <class T>
using Views = std::vector<Plane<T>>;

struct Case {
  std::string name;
  MixedImage image;
  UnmixModel model;
};

Case make_case(std::string name, std::vector<double> library, int bands, int components, Extent e, double photons) {
  MixedImage image = mixed_image(std::move(library), bands, components, e, 11, photons);
  UnmixModel model = make_unmix_model(image.library, bands, components, 10.25);
  return {std::move(name), std::move(image), std::move(model)};
}

// Near duplicates, so that rounding keeps some pixels from a decision.
std::vector<double> duplicates(int bands, int components, double step = 1e-5) {
  std::vector<double> a = bump_library(bands, components, 0.9);
  for (int k = 1; k < components; k += 2)
    for (int b = 0; b < bands; ++b)
      a[b * components + k] = a[b * components + k - 1] + (b == (3 * k) % bands ? step : 0);
  return a;
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const Extent e : testing::kEdgeShapes) out.push_back(make_case("shapes", bump_library(5, 3, 0.8), 5, 3, e, 400));
  for (const int components : {1, 2, 7, 8, 9, 10})
    for (const double photons : {20.0, 20000.0})
      out.push_back(make_case("tabled " + std::to_string(components), bump_library(14, components, 1.2), 14, components,
                              {97, 31}, photons));
  for (const int components : {4, 6, 10})
    out.push_back(make_case("undecided " + std::to_string(components), duplicates(components + 4, components),
                            components + 4, components, {61, 17}, 3000));
  out.push_back(make_case("almost singular", duplicates(10, 6, 1e-6), 10, 6, {61, 17}, 3000));
  // A wrong table, so that pivoting ends where the conditions are not met.
  out.push_back(make_case("decided badly", bump_library(8, 4, 0.9), 8, 4, {61, 17}, 400));
  for (double& v : out.back().model.pivots) v *= 1.0001;
  for (const auto& [bands, components] : {std::pair{43, 11}, {43, 14}, {64, 32}})
    out.push_back(make_case("untabled " + std::to_string(components), bump_library(bands, components, 1.2), bands,
                            components, {31, 7}, 400));
  out.push_back(make_case("undecided, untabled", duplicates(16, 12), 16, 12, {31, 9}, 3000));
  return out;
}

std::vector<Floats> as_floats(const std::vector<Counts>& counts) {
  std::vector<Floats> out;
  for (const auto& p : counts) {
    out.emplace_back(p.extent());
    for (std::int64_t i = 0; i < p.extent().area(); ++i) out.back().data()[i] = static_cast<float>(p.data()[i]) / 8;
  }
  return out;
}

template <class T>
Views<const T> views(const std::vector<HostPlane<T>>& planes) {
  Views<const T> out;
  for (const auto& p : planes) out.push_back(p.view());
  return out;
}

// Everything the operators write for one image.
struct Results {
  std::vector<Floats> plain, clipped, best, again;
  Counts sets;
  NonNegativeReport report;
  HostPlane<std::uint8_t> saturated;
  std::vector<std::int64_t> counts;
};

std::vector<Floats> blank(int count, Extent e) {
  std::vector<Floats> out;
  for (int i = 0; i < count; ++i) out.emplace_back(e, -7.0f);
  return out;
}

Views<float> views(std::vector<Floats>& planes) {
  Views<float> out;
  for (auto& p : planes) out.push_back(p.view());
  return out;
}

constexpr double kLimit = 300;

Results blank_results(int bands, int components, Extent e) {
  Results out{blank(components, e),
              blank(components, e),
              blank(components, e),
              blank(components, e),
              Counts(e, 0xbeef),
              {},
              HostPlane<std::uint8_t>(e, 9),
              {}};
  for (int b = 0; b < bands; ++b) out.counts.push_back(b * std::int64_t{1000000007});
  return out;
}

template <class T>
Results by_cpu(const UnmixModel& m, const std::vector<HostPlane<T>>& bands) {
  const CpuQueue q;
  Results out = blank_results(m.bands, m.components, bands[0].extent());
  const auto in = views(bands);
  unmix_least_squares(q, m, in, views(out.plain), false);
  unmix_least_squares(q, m, in, views(out.clipped), true);
  out.report = unmix_non_negative(q, m, in, views(out.best), m.tabled() ? out.sets.view() : Plane<std::uint16_t>{});
  if (m.tabled()) unmix_from_sets(q, m, in, out.sets.view(), views(out.again));
  mark_saturated(q, in, kLimit, out.saturated.view(), out.counts);
  return out;
}

template <class T>
Results by_chains(const UnmixModel& m, const std::vector<HostPlane<T>>& bands) {
  const CpuQueue q;
  Results out = blank_results(m.bands, m.components, bands[0].extent());
  const auto in_views = views(bands);
  const std::span<const Plane<const T>> in(in_views);
  const auto plain = views(out.plain), clipped = views(out.clipped), best = views(out.best), again = views(out.again);
  using Planes = std::span<const Plane<float>>;
  detail::unmix_least_squares_chain(q, m, in, Planes(plain), false);
  detail::unmix_least_squares_chain(q, m, in, Planes(clipped), true);
  if (m.tabled()) {
    out.report = detail::unmix_tabled_chain(q, m, in, Planes(best), out.sets.view());
    detail::unmix_from_sets_chain(q, m, in, Plane<const std::uint16_t>(out.sets.view()), Planes(again));
  } else {
    out.report = detail::unmix_untabled_chain(q, m, in, Planes(best));
  }
  detail::mark_saturated_chain(q, in, kLimit, out.saturated.view(), std::span(out.counts));
  return out;
}

// Bits, because 0 and -0 compare as equal.
void expect_same(const std::vector<Floats>& want, const std::vector<Floats>& got, const std::string& what) {
  for (std::size_t k = 0; k < want.size(); ++k) {
    EXPECT_TRUE(same_pixels(want[k], got[k])) << what << ' ' << k;
    EXPECT_EQ(std::memcmp(want[k].data(), got[k].data(), want[k].bytes()), 0) << what << ' ' << k;
  }
}

void expect_same(const NonNegativeReport& want, const NonNegativeReport& got, const std::string& what) {
  EXPECT_EQ(want.pixels, got.pixels) << what;
  EXPECT_EQ(want.pivots, got.pivots) << what;
  EXPECT_EQ(want.fallback_pixels, got.fallback_pixels) << what;
  EXPECT_EQ(want.max_violation, got.max_violation) << what;
}

void expect_same(const Results& want, const Results& got, const std::string& what) {
  expect_same(want.plain, got.plain, what + ", least squares");
  expect_same(want.clipped, got.clipped, what + ", clipped");
  expect_same(want.best, got.best, what + ", non-negative");
  expect_same(want.again, got.again, what + ", from sets");
  expect_same(want.report, got.report, what);
  EXPECT_TRUE(same_pixels(want.sets, got.sets)) << what;
  EXPECT_TRUE(same_pixels(want.saturated, got.saturated)) << what;
  EXPECT_EQ(want.counts, got.counts) << what;
}

TEST(UnmixChains, EqualTheCpuOnAnyNumberOfThreads) {
  std::int64_t searched[2] = {};
  for (const Case& c : cases()) {
    const auto floats = as_floats(c.image.counts);
    const Results want = by_cpu(c.model, c.image.counts), want_floats = by_cpu(c.model, floats);
    searched[c.model.tabled()] += want.report.fallback_pixels;
    for_thread_counts([&] {
      expect_same(want, by_chains(c.model, c.image.counts), c.name);
      expect_same(want_floats, by_chains(c.model, floats), c.name + ", floats");
    });
  }
  EXPECT_GT(searched[1], 0) << "no pixel needed the exhaustive search";
}

class UnmixTwins : public testing::QueueTest {
 protected:
  // Planes on the queue, and their views.
  template <class T>
  struct Planes {
    std::deque<testing::PlaneOnQueue<T>> planes;
    Views<T> views;
    Views<const T> const_views() const { return {views.begin(), views.end()}; }
    std::vector<HostPlane<T>> pixels() {
      std::vector<HostPlane<T>> out;
      for (auto& p : planes) out.push_back(p.pixels());
      return out;
    }
  };

  template <class T>
  Planes<T> on_queue_all(const std::vector<HostPlane<T>>& planes) {
    Planes<T> out;
    for (const auto& p : planes) {
      out.planes.push_back(on_queue(p));
      out.views.push_back(out.planes.back().view());
    }
    return out;
  }

  template <class T>
  Results by_queue(const UnmixModel& m, const std::vector<HostPlane<T>>& bands) {
    Results out = blank_results(m.bands, m.components, bands[0].extent());
    auto on = on_queue_all(bands);
    const Views<const T> in = on.const_views();
    auto plain = on_queue_all(out.plain), clipped = on_queue_all(out.clipped), best = on_queue_all(out.best),
         again = on_queue_all(out.again);
    auto sets = on_queue(out.sets);
    auto saturated = on_queue(out.saturated);
    unmix_least_squares(queue(), m, in, plain.views, false);
    unmix_least_squares(queue(), m, in, clipped.views, true);
    out.report = unmix_non_negative(queue(), m, in, best.views, m.tabled() ? sets.view() : Plane<std::uint16_t>{});
    if (m.tabled()) unmix_from_sets(queue(), m, in, sets.view(), again.views);
    mark_saturated(queue(), in, kLimit, saturated.view(), out.counts);
    out.plain = plain.pixels(), out.clipped = clipped.pixels(), out.best = best.pixels(), out.again = again.pixels();
    out.sets = sets.pixels(), out.saturated = saturated.pixels();
    return out;
  }
};

TEST_P(UnmixTwins, EqualTheCpu) {
  for (const Case& c : cases()) {
    const auto floats = as_floats(c.image.counts);
    expect_same(by_cpu(c.model, c.image.counts), by_queue(c.model, c.image.counts), c.name);
    expect_same(by_cpu(c.model, floats), by_queue(c.model, floats), c.name + ", floats");
  }
}

TEST_P(UnmixTwins, KeepToTheirWindows) {
  const Rect window{7, 5, 33, 21};
  const Case whole = make_case("", bump_library(9, 7, 0.8), 9, 7, {61, 47}, 400);
  std::vector<Counts> inner;
  for (const auto& p : whole.image.counts) inner.push_back(testing::crop(p, window));
  const Results want = by_cpu(whole.model, inner);
  Results out = blank_results(9, 7, {61, 47});
  auto bands = on_queue_all(whole.image.counts);
  auto plain = on_queue_all(out.plain), best = on_queue_all(out.best), again = on_queue_all(out.again);
  auto sets = on_queue(out.sets);
  auto saturated = on_queue(out.saturated);
  const auto inside = [&](auto all) {
    for (auto& v : all) v = v.window(window);
    return all;
  };
  const Views<const std::uint16_t> in = inside(bands.const_views());
  unmix_least_squares(queue(), whole.model, in, inside(plain.views));
  unmix_non_negative(queue(), whole.model, in, inside(best.views), sets.view().window(window));
  unmix_from_sets(queue(), whole.model, in, sets.view().window(window), inside(again.views));
  mark_saturated(queue(), in, kLimit, saturated.view().window(window), out.counts);
  const auto expect_inside = [&](const auto& wanted, auto got, auto outside) {
    EXPECT_TRUE(same_pixels(wanted, testing::crop(got, window)));
    for (int y = window.y; y < window.bottom(); ++y)
      for (int x = window.x; x < window.right(); ++x) got(x, y) = outside;
    EXPECT_TRUE(same_pixels({got.extent(), outside}, got)) << "outside the window";
  };
  for (int k = 0; k < 7; ++k) {
    expect_inside(want.plain[k], plain.planes[k].pixels(), -7.0f);
    expect_inside(want.best[k], best.planes[k].pixels(), -7.0f);
    expect_inside(want.again[k], again.planes[k].pixels(), -7.0f);
  }
  expect_inside(want.sets, sets.pixels(), std::uint16_t{0xbeef});
  expect_inside(want.saturated, saturated.pixels(), std::uint8_t{9});
  EXPECT_EQ(want.counts, out.counts);
}

TEST_P(UnmixTwins, WriteOnlyWhatIsWanted) {
  const Case c = make_case("", bump_library(9, 7, 0.8), 9, 7, {40, 10}, 400);
  Results want = by_cpu(c.model, c.image.counts);
  auto bands = on_queue_all(c.image.counts);
  auto best = on_queue_all(blank(7, {40, 10})), again = on_queue_all(blank(7, {40, 10}));
  auto sets = on_queue(want.sets);
  unmix_non_negative(queue(), c.model, bands.const_views(), best.views);
  Views<float> wanted(7);
  wanted[2] = again.views[2];
  unmix_from_sets(queue(), c.model, bands.const_views(), sets.view(), wanted);
  std::vector<std::int64_t> counts(9);
  mark_saturated(queue(), bands.const_views(), kLimit, {}, counts);
  expect_same(want.best, best.pixels(), "without sets");
  EXPECT_TRUE(same_pixels(want.again[2], again.planes[2].pixels()));
  EXPECT_TRUE(same_pixels(Floats({40, 10}, -7.0f), again.planes[3].pixels()));
  for (int b = 0; b < 9; ++b) EXPECT_EQ(want.counts[b], b * std::int64_t{1000000007} + counts[b]);
}

TEST_P(UnmixTwins, TakeEmptyImages) {
  const UnmixModel model = make_unmix_model(std::vector<double>{1, 0, 1, 1, 0, 1}, 3, 2, 0);
  for (const Extent e : testing::kEmptyShapes) {
    const Views<const std::uint16_t> bands(3, {nullptr, e, e.width});
    const Views<float> components(2, {nullptr, e, e.width});
    std::vector<std::int64_t> counts(3, 5);
    EXPECT_NO_THROW(unmix_least_squares(queue(), model, bands, components));
    EXPECT_EQ(unmix_non_negative(queue(), model, bands, components).pixels, 0);
    EXPECT_NO_THROW(unmix_from_sets(queue(), model, bands, {nullptr, e, e.width}, components));
    mark_saturated(queue(), bands, 4, {}, counts);
    EXPECT_EQ(counts, std::vector<std::int64_t>(3, 5));
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, UnmixTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
void expect_right_or_typed(const Case& c, bool plain) {
  const Results want = by_cpu(c.model, c.image.counts);
  const Extent e = c.image.counts[0].extent();
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const Queue q = use.queue();
        Views<const std::uint16_t> bands;
        Views<float> out, again;
        for (const auto& p : c.image.counts) bands.push_back(use.upload(p));
        for (const auto& p : blank(c.model.components, e)) out.push_back(use.upload(p)), again.push_back(use.upload(p));
        const auto right = [&](const std::vector<Floats>& wanted, const Views<float>& got) {
          for (std::size_t k = 0; k < wanted.size(); ++k)
            if (!same_pixels(wanted[k], use.download(got[k]))) return false;
          return true;
        };
        if (plain) {
          std::vector<std::int64_t> counts(bands.size());
          for (std::size_t b = 0; b < counts.size(); ++b) counts[b] = static_cast<std::int64_t>(b) * 1000000007;
          const auto saturated = use.upload(HostPlane<std::uint8_t>(e, 9));
          mark_saturated(q, bands, kLimit, saturated, counts);
          unmix_least_squares(q, c.model, bands, out);
          return counts == want.counts && same_pixels(want.saturated, use.download(saturated)) &&
                 right(want.plain, out);
        }
        const auto sets = c.model.tabled() ? use.upload(Counts(e, 0)) : Plane<std::uint16_t>{};
        const auto report = unmix_non_negative(q, c.model, bands, out, sets);
        if (c.model.tabled()) {
          unmix_from_sets(q, c.model, bands, sets, again);
          if (!right(want.again, again) || !same_pixels(want.sets, use.download(sets))) return false;
        }
        return report.pivots == want.report.pivots && report.max_violation == want.report.max_violation &&
               report.fallback_pixels == want.report.fallback_pixels && right(want.best, out);
      },
      20);
}

TEST(UnmixOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  expect_right_or_typed(make_case("", bump_library(4, 3, 0.8), 4, 3, {23, 17}, 400), true);
  expect_right_or_typed(make_case("", duplicates(7, 4), 7, 4, {13, 7}, 3000), false);
  expect_right_or_typed(make_case("", bump_library(12, 11, 0.8), 12, 11, {5, 3}, 400), false);
}
#endif

}  // namespace
}  // namespace hexaplex
