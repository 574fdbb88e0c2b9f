#include "kernels/intensity/unmix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/runtime/error.h"
#include "tests/kernels/intensity/unmix_oracle.h"

namespace hexaplex {
namespace {

using test::Abundances;
using test::bump_library;
using test::mixed_image;
using test::MixedImage;

constexpr double kOffset = 10;

std::vector<long double> pixel(const MixedImage& image, int x, int y, double offset = kOffset) {
  std::vector<long double> b;
  for (const auto& p : image.counts) b.push_back(static_cast<long double>(p(x, y)) - offset);
  return b;
}

/// Unmixes the image and returns the largest violation over all of its pixels, found in long double from the values
/// written; checks that the report says the same.
long double worst_violation(const MixedImage& image, double offset = kOffset) {
  const Extent extent = image.counts[0].extent();
  const UnmixModel model = make_unmix_model(image.library, image.bands, image.components, offset);
  Abundances out(image.components, extent);
  const auto report = unmix_non_negative(CpuQueue{}, model, image.views(), out.views());
  long double worst = 0;
  for (int y = 0; y < extent.height; ++y)
    for (int x = 0; x < extent.width; ++x)
      worst =
          std::max(worst, test::violation(image.library, image.components, pixel(image, x, y, offset), out.at(x, y)));
  EXPECT_EQ(report.pixels, extent.area());
  EXPECT_NEAR(report.max_violation, static_cast<double>(worst), 1e-7);
  return worst;
}

TEST(UnmixNonNegative, SolvesAHandCase) {
  // A = [1 0; 1 1; 0 1], b = (4, 1, -3): plain least squares gives (4, -3) with residual 0; with x2 = 0 the best is
  // x1 = (4 + 1) / 2.
  MixedImage image{3, 2, {1, 0, 1, 1, 0, 1}, {}};
  const int counts[3] = {14, 11, 7};
  for (int c : counts) image.counts.emplace_back(Extent{1, 1}, static_cast<std::uint16_t>(c));
  const UnmixModel model = make_unmix_model(image.library, 3, 2, 10);
  Abundances plain(2, {1, 1}), clipped(2, {1, 1}), best(2, {1, 1});
  unmix_least_squares(CpuQueue{}, model, image.views(), plain.views());
  EXPECT_NEAR(plain.planes[0](0, 0), 4, 1e-5);
  EXPECT_NEAR(plain.planes[1](0, 0), -3, 1e-5);
  unmix_least_squares(CpuQueue{}, model, image.views(), clipped.views(), true);
  EXPECT_NEAR(clipped.planes[0](0, 0), 4, 1e-5);
  EXPECT_EQ(clipped.planes[1](0, 0), 0);
  const auto report = unmix_non_negative(CpuQueue{}, model, image.views(), best.views());
  EXPECT_EQ(best.planes[0](0, 0), 2.5f);
  EXPECT_EQ(best.planes[1](0, 0), 0);
  EXPECT_EQ(report.pixels, 1);
  EXPECT_EQ(report.pivots, 2);
}

TEST(UnmixNonNegative, FindsTheOptimumOfAllPassiveSets) {
  const MixedImage image = mixed_image(bump_library(9, 7, 0.8), 9, 7, {40, 10}, 3);
  const UnmixModel model = make_unmix_model(image.library, 9, 7, kOffset);
  Abundances out(7, {40, 10});
  unmix_non_negative(CpuQueue{}, model, image.views(), out.views());
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 40; ++x) {
      const auto best = test::optimum_by_all_sets(image.library, 7, pixel(image, x, y));
      double largest = 1;
      for (double v : best) largest = std::max(largest, v);
      for (int k = 0; k < 7; ++k)
        EXPECT_NEAR(out.planes[k](x, y), best[k], 1e-5 * largest) << x << ' ' << y << ' ' << k;
    }
}

struct LibraryCase {
  const char* name;
  int bands, components;
  double width;  // of the bumps: wider is worse conditioned
};

class UnmixOptimality : public testing::TestWithParam<LibraryCase> {};

TEST_P(UnmixOptimality, EveryPixelMeetsTheConditions) {
  const LibraryCase& c = GetParam();
  for (double photons : {20.0, 400.0, 20000.0}) {
    const MixedImage image = mixed_image(bump_library(c.bands, c.components, c.width), c.bands, c.components,
                                         {c.components > 10 ? 61 : 257, c.components > 10 ? 10 : 40}, 11, photons);
    EXPECT_LE(worst_violation(image), 1e-6L) << photons;
  }
}

INSTANTIATE_TEST_SUITE_P(Libraries, UnmixOptimality,
                         testing::Values(LibraryCase{"OneComponent", 5, 1, 0.8}, LibraryCase{"Square", 8, 8, 0.8},
                                         LibraryCase{"EightBands", 8, 7, 0.8}, LibraryCase{"FullSpectrum", 35, 8, 1.2},
                                         LibraryCase{"IllConditioned", 35, 8, 2.2},
                                         LibraryCase{"NineComponents", 20, 9, 1.5},
                                         LibraryCase{"TenComponents", 43, 10, 2.0},
                                         LibraryCase{"Untabled", 43, 11, 1.2}, LibraryCase{"UntabledIll", 43, 14, 2.0},
                                         LibraryCase{"Largest", 64, 32, 1.2}),
                         [](const auto& i) { return i.param.name; });

TEST(UnmixNonNegative, IsOptimalAtTheEdgeOfRank) {
  // Near duplicates: the second column of each pair is the first plus `step` in one band; the condition number comes
  // close to the 10,000 that core still accepts.
  for (int components : {2, 6, 10, 12}) {
    const int bands = components + 4;
    std::vector<double> a = bump_library(bands, components, 0.9);
    const double step = components == 2 ? 5e-4 : 1e-3;
    for (int k = 1; k < components; k += 2)
      for (int b = 0; b < bands; ++b)
        a[b * components + k] = a[b * components + k - 1] + (b == (3 * k) % bands ? step : 0);
    const double condition = test::condition_number_by_power(a, bands, components);
    EXPECT_GT(condition, 1500) << components;
    EXPECT_LE(condition, 10000) << components;
    for (double photons : {30.0, 3000.0}) {
      const MixedImage image = mixed_image(a, bands, components, {97, components > 10 ? 5 : 31}, 5, photons);
      EXPECT_LE(worst_violation(image), 1e-5L) << components << " components, condition number " << condition;
    }
  }
}

TEST(UnmixNonNegative, IsOptimalWhereComponentsDifferInScale) {
  std::vector<double> a = bump_library(12, 6, 1.0);
  for (int b = 0; b < 12; ++b)
    for (int k = 0; k < 6; ++k) a[b * 6 + k] *= std::pow(10.0, 0.5 * k);
  EXPECT_LE(worst_violation(mixed_image(a, 12, 6, {97, 31}, 5, 40)), 1e-6L);
}

TEST(UnmixNonNegative, GivesZeroWhereThereIsNothing) {
  MixedImage image{4, 3, bump_library(4, 3, 0.8), {}};
  for (int b = 0; b < 4; ++b) image.counts.emplace_back(Extent{3, 2}, std::uint16_t{10});
  image.counts[2](1, 1) = 2;  // below the offset everywhere it is seen
  const UnmixModel model = make_unmix_model(image.library, 4, 3, 10);
  Abundances out(3, {3, 2});
  const auto report = unmix_non_negative(CpuQueue{}, model, image.views(), out.views());
  for (const auto& plane : out.planes)
    for (int i = 0; i < 6; ++i) EXPECT_EQ(plane.data()[i], 0.0f);
  EXPECT_EQ(report.max_violation, 0);
}

TEST(UnmixNonNegative, TakesFloatsLikeIntegers) {
  const MixedImage image = mixed_image(bump_library(8, 7, 0.8), 8, 7, {65, 9}, 4);
  const UnmixModel model = make_unmix_model(image.library, 8, 7, kOffset);
  std::vector<HostPlane<float>> as_float;
  std::vector<Plane<const float>> views;
  for (const auto& p : image.counts) {
    as_float.emplace_back(p.extent());
    for (std::int64_t i = 0; i < p.extent().area(); ++i) as_float.back().data()[i] = p.data()[i];
  }
  for (const auto& p : as_float) views.push_back(p.view());
  Abundances a(7, {65, 9}), b(7, {65, 9});
  for (int method = 0; method < 2; ++method) {
    if (method == 0) {
      unmix_non_negative(CpuQueue{}, model, image.views(), a.views());
      unmix_non_negative(CpuQueue{}, model, views, b.views());
    } else {
      unmix_least_squares(CpuQueue{}, model, image.views(), a.views());
      unmix_least_squares(CpuQueue{}, model, views, b.views());
    }
    for (int k = 0; k < 7; ++k)
      EXPECT_EQ(std::memcmp(a.planes[k].data(), b.planes[k].data(), a.planes[k].bytes()), 0) << method;
  }
}

// The bytes of the first time, and how often the first time needed the exhaustive search.
std::int64_t expect_same_from_sets(const MixedImage& image) {
  const Extent extent = image.counts[0].extent();
  const UnmixModel model = make_unmix_model(image.library, image.bands, image.components, kOffset);
  Abundances first(image.components, extent), again(image.components, extent);
  HostPlane<std::uint16_t> sets(extent);
  const auto report = unmix_non_negative(CpuQueue{}, model, image.views(), first.views(), sets.view());
  unmix_from_sets(CpuQueue{1}, model, image.views(), sets.view(), again.views());
  for (int k = 0; k < image.components; ++k)
    EXPECT_EQ(std::memcmp(first.planes[k].data(), again.planes[k].data(), first.planes[k].bytes()), 0) << k;
  return report.fallback_pixels;
}

TEST(UnmixFromSets, GivesTheBytesOfTheFirstTime) {
  for (int components : {1, 7, 8, 9, 10})
    for (double photons : {20.0, 20000.0})
      expect_same_from_sets(mixed_image(bump_library(14, components, 1.2), 14, components, {257, 40}, 11, photons));
}

TEST(UnmixFromSets, GivesThemWhereRoundingKeptThePivotingFromEnding) {
  std::int64_t searched = 0;
  for (int components : {6, 10}) {
    const int bands = components + 4;
    std::vector<double> a = bump_library(bands, components, 0.9);
    for (int k = 1; k < components; k += 2)
      for (int b = 0; b < bands; ++b)
        a[b * components + k] = a[b * components + k - 1] + (b == (3 * k) % bands ? 1e-5 : 0);
    searched += expect_same_from_sets(mixed_image(a, bands, components, {97, 31}, 5, 3000));
  }
  EXPECT_GT(searched, 0);
}

TEST(UnmixFromSets, WritesOnlyWhatIsWanted) {
  const MixedImage image = mixed_image(bump_library(9, 7, 0.8), 9, 7, {40, 10}, 3);
  const UnmixModel model = make_unmix_model(image.library, 9, 7, kOffset);
  Abundances all(7, {40, 10}), some(7, {40, 10});
  HostPlane<std::uint16_t> sets({40, 10});
  unmix_non_negative(CpuQueue{}, model, image.views(), all.views(), sets.view());
  std::vector<Plane<float>> wanted(7);
  wanted[2] = some.planes[2].view();
  unmix_from_sets(CpuQueue{}, model, image.views(), sets.view(), wanted);
  EXPECT_EQ(std::memcmp(all.planes[2].data(), some.planes[2].data(), all.planes[2].bytes()), 0);
}

TEST(UnmixFromSets, RefusesWhatDoesNotFit) {
  const MixedImage image = mixed_image(bump_library(14, 11, 1.2), 14, 11, {8, 8}, 3),
                   small = mixed_image(bump_library(9, 7, 0.8), 9, 7, {8, 8}, 3);
  const UnmixModel untabled = make_unmix_model(image.library, 14, 11, kOffset);
  const UnmixModel model = make_unmix_model(small.library, 9, 7, kOffset);
  Abundances eleven(11, {8, 8}), seven(7, {8, 8});
  HostPlane<std::uint16_t> sets({8, 8}), narrow({7, 8});
  EXPECT_THROW(unmix_non_negative(CpuQueue{}, untabled, image.views(), eleven.views(), sets.view()), InvalidArgument);
  EXPECT_THROW(unmix_from_sets(CpuQueue{}, untabled, image.views(), sets.view(), eleven.views()), InvalidArgument);
  EXPECT_THROW(unmix_from_sets(CpuQueue{}, model, small.views(), narrow.view(), seven.views()), InvalidArgument);
  EXPECT_THROW(unmix_from_sets(CpuQueue{}, model, small.views(), sets.view(), eleven.views()), InvalidArgument);
}

TEST(UnmixLeastSquares, AgreesWithTheNormalEquations) {
  for (int bands : {7, 8, 9, 13, 35}) {
    const MixedImage image = mixed_image(bump_library(bands, 5, 0.9), bands, 5, {300, 3}, 8);
    const UnmixModel model = make_unmix_model(image.library, bands, 5, kOffset);
    Abundances out(5, {300, 3});
    unmix_least_squares(CpuQueue{}, model, image.views(), out.views());
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 300; ++x) {
        const auto b = pixel(image, x, y);
        const auto exact = test::normal_equations(image.library, 5, b, 31);
        long double largest = 1;
        for (long double v : b) largest = std::max(largest, std::fabs(v));
        for (int k = 0; k < 5; ++k) EXPECT_NEAR(out.planes[k](x, y), exact[k], 2e-6 * largest) << bands;
      }
  }
}

class UnmixTiling : public testing::TestWithParam<int> {};  // number of components

TEST_P(UnmixTiling, WindowsAndThreadsChangeNoByte) {
  const int components = GetParam();
  const Extent extent{201, 37};
  const MixedImage image = mixed_image(bump_library(14, components, 1.4), 14, components, extent, 21);
  const UnmixModel model = make_unmix_model(image.library, 14, components, kOffset);
  Abundances whole(components, extent), tiled(components, extent), plain(components, extent),
      plain_tiled(components, extent);
  const auto report = unmix_non_negative(CpuQueue{1}, model, image.views(), whole.views());
  unmix_least_squares(CpuQueue{1}, model, image.views(), plain.views(), true);
  NonNegativeReport sum;
  for (int y = 0; y < extent.height; y += 11)
    for (int x = 0; x < extent.width; x += 67) {
      const Rect r{x, y, std::min(67, extent.width - x), std::min(11, extent.height - y)};
      std::vector<Plane<const std::uint16_t>> in;
      std::vector<Plane<float>> out, out_plain;
      for (const auto& p : image.counts) in.push_back(p.view().window(r));
      for (auto& p : tiled.planes) out.push_back(p.view().window(r));
      for (auto& p : plain_tiled.planes) out_plain.push_back(p.view().window(r));
      sum.merge(unmix_non_negative(CpuQueue{}, model, in, out));
      unmix_least_squares(CpuQueue{}, model, in, out_plain, true);
    }
  for (int k = 0; k < components; ++k) {
    EXPECT_EQ(std::memcmp(whole.planes[k].data(), tiled.planes[k].data(), whole.planes[k].bytes()), 0);
    EXPECT_EQ(std::memcmp(plain.planes[k].data(), plain_tiled.planes[k].data(), plain.planes[k].bytes()), 0);
  }
  EXPECT_EQ(sum.pixels, report.pixels);
  EXPECT_EQ(sum.pivots, report.pivots);
  EXPECT_EQ(sum.fallback_pixels, report.fallback_pixels);
  EXPECT_EQ(sum.max_violation, report.max_violation);
}

INSTANTIATE_TEST_SUITE_P(Components, UnmixTiling, testing::Values(1, 7, 8, 10, 12));

TEST(Unmix, AcceptsEmptyImages) {
  MixedImage image{3, 2, {1, 0, 1, 1, 0, 1}, {}};
  for (int b = 0; b < 3; ++b) image.counts.emplace_back(Extent{0, 0});
  const UnmixModel model = make_unmix_model(image.library, 3, 2, 0);
  Abundances out(2, {0, 0});
  EXPECT_EQ(unmix_non_negative(CpuQueue{}, model, image.views(), out.views()).pixels, 0);
  unmix_least_squares(CpuQueue{}, model, image.views(), out.views());
}

TEST(Unmix, RefusesWhatDoesNotFit) {
  const std::vector<double> a = {1, 0, 1, 1, 0, 1};
  EXPECT_THROW(make_unmix_model(a, 3, 0, 0), InvalidArgument);
  EXPECT_THROW(make_unmix_model(a, 2, 3, 0), InvalidArgument);
  EXPECT_THROW(make_unmix_model(a, 4, 2, 0), InvalidArgument);
  EXPECT_THROW(make_unmix_model(a, 3, 2, std::nan("")), InvalidArgument);
  EXPECT_THROW(make_unmix_model(std::vector<double>{1, 0, 1, NAN, 0, 1}, 3, 2, 0), InvalidArgument);
  EXPECT_THROW(make_unmix_model(std::vector<double>{1, 2, 1, 2, 3, 6}, 3, 2, 0), InvalidArgument);
  EXPECT_THROW(make_unmix_model(std::vector<double>{1, 0, 1, 0, 3, 0}, 3, 2, 0), InvalidArgument);
  EXPECT_THROW(make_unmix_model(bump_library(40, 33, 1), 40, 33, 0), InvalidArgument);

  const UnmixModel model = make_unmix_model(a, 3, 2, 0);
  HostPlane<std::uint16_t> band({4, 4}, 0), odd({4, 3}, 0);
  Abundances out(2, {4, 4});
  const std::vector<Plane<const std::uint16_t>> two = {band.view(), band.view()};
  const std::vector<Plane<const std::uint16_t>> uneven = {band.view(), band.view(), odd.view()};
  const std::vector<Plane<const std::uint16_t>> three = {band.view(), band.view(), band.view()};
  EXPECT_THROW(unmix_non_negative(CpuQueue{}, model, two, out.views()), InvalidArgument);
  EXPECT_THROW(unmix_non_negative(CpuQueue{}, model, uneven, out.views()), InvalidArgument);
  EXPECT_THROW(unmix_least_squares(CpuQueue{}, model, three, std::vector<Plane<float>>{out.planes[0].view()}),
               InvalidArgument);
}

TEST(MarkSaturated, MarksAndCounts) {
  HostPlane<std::uint16_t> a({3, 2}, 5), b({3, 2}, 7);
  a(0, 0) = 4095;
  a(2, 1) = 4095;
  b(2, 1) = 5000;
  b(1, 0) = 4094;
  const std::vector<Plane<const std::uint16_t>> bands = {a.view(), b.view()};
  HostPlane<std::uint8_t> mask({3, 2}, 9);
  std::vector<std::int64_t> counts = {100, 0};
  mark_saturated(CpuQueue{}, bands, 4095, mask.view(), counts);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{102, 1}));
  const std::uint8_t expected[6] = {1, 0, 0, 0, 0, 1};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(mask.data()[i], expected[i]);
  mark_saturated(CpuQueue{}, bands, 4095, Plane<std::uint8_t>{}, counts);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{104, 2}));
  EXPECT_THROW(mark_saturated(CpuQueue{}, bands, 4095, mask.view(), std::span(counts).first(1)), InvalidArgument);
  HostPlane<std::uint8_t> small({2, 2}, 0);
  EXPECT_THROW(mark_saturated(CpuQueue{}, bands, 4095, small.view(), counts), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
