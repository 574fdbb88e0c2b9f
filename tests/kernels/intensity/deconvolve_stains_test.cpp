#include "kernels/intensity/deconvolve_stains.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/intensity/deconvolve_stains_chain.h"
#include "kernels/runtime/error.h"
#include "tests/support/failing_calls.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::crop;
using testing::for_thread_counts;
using testing::random_plane;
using testing::same_pixels;
using Band = HostPlane<std::uint16_t>;

constexpr StainVector kHaematoxylin{.65, .70, .29}, kDab{.27, .57, .78}, kEosin{.07, .99, .11}, kSaffron{.2, .4, .9};
constexpr StainVector kWhite{242, 240.5, 238};

struct Picture {
  Band rgb[3];
  std::array<Plane<const std::uint16_t>, 3> views() const { return {rgb[0].view(), rgb[1].view(), rgb[2].view()}; }
};

// All values of 8 bits, and some above.
Picture noise(Extent e) {
  Picture p{{random_plane<std::uint16_t>(e, 1), random_plane<std::uint16_t>(e, 2), random_plane<std::uint16_t>(e, 3)}};
  for (Band& band : p.rgb)
    for (std::int64_t i = 0; i < e.area(); ++i) band.data()[i] = static_cast<std::uint16_t>(band.data()[i] % 260);
  return p;
}

std::vector<HostPlane<float>> planes(int count, Extent e, float value = 7) {
  std::vector<HostPlane<float>> out;
  for (int i = 0; i < count; ++i) out.emplace_back(e, value);
  return out;
}

std::vector<Plane<float>> views_of(std::vector<HostPlane<float>>& all) {
  std::vector<Plane<float>> views;
  for (auto& p : all) views.push_back(p.view());
  return views;
}

std::vector<HostPlane<float>> by_cpu(const StainModel& m, const Picture& p, bool clip = true) {
  auto out = planes(m.stains, p.rgb[0].extent());
  deconvolve_stains(CpuQueue{}, m, p.views(), views_of(out), clip);
  return out;
}

StainVector unit(StainVector v) {
  const double norm = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  for (double& x : v) x /= norm;
  return v;
}

TEST(StainModel, TellsAmountsApartAsComputedByHand) {
  // Three stains that each take one colour: the amount is that band's density. 24.2 is a tenth of white: density 1.
  const StainVector stains[] = {{2, 0, 0}, {0, 1, 0}, {0, 0, 0.5}};
  const StainModel m = make_stain_model(stains, {242, 240, 100});
  Picture p{{Band({3, 1}), Band({3, 1}), Band({3, 1})}};
  const int values[3][3] = {{242, 24, 0}, {240, 24, 255}, {100, 10, 1}};
  for (int b = 0; b < 3; ++b)
    for (int x = 0; x < 3; ++x) p.rgb[b](x, 0) = static_cast<std::uint16_t>(values[b][x]);
  const auto got = by_cpu(m, p);
  EXPECT_FLOAT_EQ(got[0](0, 0), 0);
  EXPECT_NEAR(got[0](1, 0), 1.003605, 1e-6);  // log10(242 / 24)
  EXPECT_NEAR(got[0](2, 0), 2.684845, 1e-6);  // log10(242 / 0.5): black
  EXPECT_FLOAT_EQ(got[1](1, 0), 1);
  EXPECT_FLOAT_EQ(got[1](2, 0), 0) << "brighter than white";
  EXPECT_FLOAT_EQ(got[2](1, 0), 1);
  EXPECT_FLOAT_EQ(got[2](2, 0), 2);
  EXPECT_LT(by_cpu(m, p, false)[1](2, 0), -0.02f);
}

// What was mixed in real numbers comes back, but for the rounding of the bands.
TEST(StainModel, FindsWhatWasMixed) {
  const std::vector<std::vector<StainVector>> sets = {
      {kHaematoxylin, kDab}, {kHaematoxylin, kEosin}, {kHaematoxylin, kEosin, kSaffron}};
  for (const auto& stains : sets) {
    const StainModel m = make_stain_model(stains, kWhite);
    for (int i = 0; i < 200; ++i) {
      double amount[3] = {(i % 7) * 0.07, (i / 7 % 6) * 0.07, (i / 42) * 0.05}, density[3] = {};
      for (std::size_t s = 0; s < stains.size(); ++s)
        for (int b = 0; b < 3; ++b) density[b] += amount[s] * unit(stains[s])[static_cast<std::size_t>(b)];
      Picture p{{Band({1, 1}), Band({1, 1}), Band({1, 1})}};
      double bound = 0;  // half a step of each band, in densities
      for (std::size_t b = 0; b < 3; ++b) {
        const double value = kWhite[b] * std::pow(10.0, -density[b]);
        p.rgb[b](0, 0) = static_cast<std::uint16_t>(std::lround(value));
        bound += 0.5 / value / 2.302;
      }
      const auto got = by_cpu(m, p, false);
      for (std::size_t s = 0; s < stains.size(); ++s) EXPECT_NEAR(got[s](0, 0), amount[s], 3 * bound) << i;
    }
  }
}

// A single stain: the least-squares fit of its vector.
TEST(StainModel, FitsOneStain) {
  const StainVector stains[] = {{3, 0, 4}};
  const StainModel m = make_stain_model(stains, {200, 200, 200});
  Picture p{{Band({1, 1}, 20), Band({1, 1}, 50), Band({1, 1}, 200)}};
  EXPECT_NEAR(by_cpu(m, p)[0](0, 0), 0.6, 1e-6);  // (1, log10 4, 0) along (0.6, 0, 0.8)
}

// The definition in double: solve the three equations by Cramer's rule.
TEST(StainModel, EqualsTheSolutionInDouble) {
  const StainVector stains[] = {unit(kHaematoxylin), unit(kEosin), unit(kSaffron)};
  const StainModel m = make_stain_model(stains, kWhite);
  const Picture p = noise({97, 31});
  const auto got = by_cpu(m, p, false);
  const auto det = [](const StainVector& a, const StainVector& b, const StainVector& c) {
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1]);
  };
  const double volume = det(stains[0], stains[1], stains[2]);
  for (int y = 0; y < 31; ++y)
    for (int x = 0; x < 97; ++x) {
      StainVector od;
      for (std::size_t b = 0; b < 3; ++b) {
        const double v = std::min<double>(p.rgb[b](x, y), 255);
        od[b] = std::log10(kWhite[b] / (v > 0 ? v : 0.5));
      }
      EXPECT_NEAR(got[0](x, y), det(od, stains[1], stains[2]) / volume, 1e-5);
      EXPECT_NEAR(got[1](x, y), det(stains[0], od, stains[2]) / volume, 1e-5);
      EXPECT_NEAR(got[2](x, y), det(stains[0], stains[1], od) / volume, 1e-5);
    }
}

TEST(StainModel, RejectsWhatItsContractExcludes) {
  const auto make = [](std::vector<StainVector> stains, StainVector white = kWhite) {
    return make_stain_model(stains, white);
  };
  EXPECT_THROW(make({}), InvalidArgument);
  EXPECT_THROW(make({kDab, kEosin, kSaffron, kHaematoxylin}), InvalidArgument);
  EXPECT_THROW(make({kDab, {0, 0, 0}}), InvalidArgument);
  EXPECT_THROW(make({kDab, {0.5, -0.8, 0.2}}), InvalidArgument);
  EXPECT_THROW(make({kDab, {0.5, std::nan(""), 0.2}}), InvalidArgument);
  EXPECT_THROW(make({kDab, {.54, 1.14, 1.56}}), InvalidArgument) << "the same, twice as long";
  EXPECT_THROW(make({kHaematoxylin, kDab, {.92, 1.27, 1.07}}), InvalidArgument) << "their sum";
  EXPECT_THROW(make({kHaematoxylin, kDab}, {0, 240, 240}), InvalidArgument);
  EXPECT_THROW(make({kHaematoxylin, kDab}, {240, 256, 240}), InvalidArgument);
  EXPECT_THROW(make({kHaematoxylin, kDab}, {240, 240, std::numeric_limits<double>::infinity()}), InvalidArgument);

  const StainModel m = make({kHaematoxylin, kDab});
  const Picture p = noise({5, 4});
  auto out = planes(2, {5, 4}), small = planes(2, {4, 4}), one = planes(1, {5, 4});
  EXPECT_THROW(deconvolve_stains(CpuQueue{}, m, p.views(), views_of(small)), InvalidArgument);
  EXPECT_THROW(deconvolve_stains(CpuQueue{}, m, p.views(), views_of(one)), InvalidArgument);
  EXPECT_THROW(deconvolve_stains(CpuQueue{}, StainModel{}, p.views(), views_of(out)), InvalidArgument);
  auto bands = p.views();
  bands[1] = bands[1].window({0, 0, 5, 3});
  EXPECT_THROW(deconvolve_stains(CpuQueue{}, m, bands, views_of(out)), InvalidArgument);
}

TEST(DeconvolveStainsChain, EqualsTheCpuOnAnyNumberOfThreads) {
  const StainVector stains[] = {kHaematoxylin, kEosin, kSaffron};
  const StainModel m = make_stain_model(stains, kWhite);
  for (const Extent e : testing::kEdgeShapes) {
    const Picture p = noise(e);
    for (const bool clip : {true, false}) {
      const auto want = by_cpu(m, p, clip);
      for_thread_counts([&] {
        auto got = planes(3, e);
        detail::deconvolve_stains_chain(CpuQueue{}, m, p.views(), views_of(got), clip);
        for (std::size_t s = 0; s < 3; ++s) EXPECT_TRUE(same_pixels(want[s], got[s]));
        EXPECT_TRUE(same_pixels(want[1], by_cpu(m, p, clip)[1]));
      });
    }
  }
}

class DeconvolveStains : public testing::QueueTest {
 protected:
  std::vector<HostPlane<float>> run(const StainModel& m, const Picture& p, Rect window, std::vector<bool> wanted) {
    const Extent e = p.rgb[0].extent();
    auto r = on_queue(p.rgb[0]), g = on_queue(p.rgb[1]), b = on_queue(p.rgb[2]);
    std::vector<testing::PlaneOnQueue<float>> out;
    std::vector<Plane<float>> to;
    for (int s = 0; s < m.stains; ++s) {
      out.push_back(on_queue(HostPlane<float>(e, 7)));
      to.push_back(wanted[static_cast<std::size_t>(s)] ? out.back().view().window(window) : Plane<float>{});
    }
    deconvolve_stains(queue(), m, {r.view().window(window), g.view().window(window), b.view().window(window)}, to);
    std::vector<HostPlane<float>> pixels;
    for (auto& plane : out) pixels.push_back(plane.pixels());
    return pixels;
  }
};

TEST_P(DeconvolveStains, EqualTheCpuOnEveryShape) {
  const StainVector stains[] = {kHaematoxylin, kDab};
  const StainModel m = make_stain_model(stains, kWhite);
  for (const Extent e : testing::kEdgeShapes) {
    const Picture p = noise(e);
    const auto want = by_cpu(m, p), got = run(m, p, {0, 0, e.width, e.height}, {true, true});
    for (std::size_t s = 0; s < 2; ++s) EXPECT_TRUE(same_pixels(want[s], got[s]));
  }
}

TEST_P(DeconvolveStains, KeepToTheirWindowsAndToWhatIsWanted) {
  const StainVector stains[] = {kHaematoxylin, kEosin, kSaffron};
  const StainModel m = make_stain_model(stains, kWhite);
  const Rect window{5, 3, 37, 21};
  const Picture whole = noise({61, 47});
  const auto want = by_cpu(m, {{crop(whole.rgb[0], window), crop(whole.rgb[1], window), crop(whole.rgb[2], window)}});
  const auto got = run(m, whole, window, {true, false, true});
  for (const std::size_t s : {0u, 2u}) {
    EXPECT_TRUE(same_pixels(want[s], crop(got[s], window)));
    for (int y = 0; y < 47; ++y)
      for (int x = 0; x < 61; ++x)
        if (x < window.x || x >= window.right() || y < window.y || y >= window.bottom()) {
          EXPECT_EQ(got[s](x, y), 7) << x << " " << y;
        }
  }
  EXPECT_TRUE(same_pixels(HostPlane<float>({61, 47}, 7), got[1])) << "not wanted";
}

TEST_P(DeconvolveStains, TakeEmptyPlanes) {
  const StainVector stains[] = {kHaematoxylin, kDab};
  const StainModel m = make_stain_model(stains, kWhite);
  for (const Extent e : testing::kEmptyShapes) {
    const Plane<const std::uint16_t> band{nullptr, e, e.width};
    const Plane<float> to[2] = {{nullptr, e, e.width}, {nullptr, e, e.width}};
    EXPECT_NO_THROW(deconvolve_stains(queue(), m, {band, band, band}, to));
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, DeconvolveStains, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(DeconvolveStainsOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  const StainVector stains[] = {kHaematoxylin, kDab};
  const StainModel m = make_stain_model(stains, kWhite);
  const Picture p = noise({23, 17});
  const auto want = by_cpu(m, p);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto r = use.upload(p.rgb[0]), g = use.upload(p.rgb[1]), b = use.upload(p.rgb[2]);
        const Plane<float> to[2] = {use.upload(HostPlane<float>({23, 17})), use.upload(HostPlane<float>({23, 17}))};
        deconvolve_stains(use.queue(), m, {r, g, b}, to);
        return same_pixels(want[0], use.download(to[0])) && same_pixels(want[1], use.download(to[1]));
      },
      15);
}
#endif

}  // namespace
}  // namespace hexaplex
