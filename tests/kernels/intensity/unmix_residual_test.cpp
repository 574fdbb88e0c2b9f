#include "kernels/intensity/unmix_residual.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "kernels/runtime/error.h"
#include "tests/kernels/intensity/unmix_oracle.h"

namespace hexaplex {
namespace {

using test::Abundances;
using test::bump_library;
using test::mixed_image;
using test::MixedImage;

TEST(WideSum, CarriesBeyond64Bits) {
  WideSum a, b;
  a.add(~std::uint64_t{0});
  a.add(2);
  EXPECT_EQ(a.low, 1u);
  EXPECT_EQ(a.high, 1u);
  b.add(a);
  b.add(a);
  EXPECT_EQ(b.high, 2u);
  EXPECT_EQ(b.value(), 0x1p65 + 2);
}

TEST(WideSum, AddsSquares) {
  for (const std::uint64_t v : {0ull, 1ull, 0xffffffffull, 0x123456789abcdefull, 0x7fffffffffffffffull}) {
    WideSum sum;
    sum.add(5);
    sum.add_square(v);
    const unsigned __int128 expected = static_cast<unsigned __int128>(v) * v + 5;
    EXPECT_EQ(sum.low, static_cast<std::uint64_t>(expected)) << v;
    EXPECT_EQ(sum.high, static_cast<std::uint64_t>(expected >> 64)) << v;
  }
}

TEST(UnmixResidual, TakesFloatsOfAnyScale) {
  for (const double scale : {1e-4, 1.0, 1e6}) {
    HostPlane<float> a({1, 1}, static_cast<float>(3 * scale)), b({1, 1}, static_cast<float>(-4 * scale));
    const std::vector<Plane<const float>> bands = {a.view(), b.view()};
    const UnmixModel model = make_unmix_model(std::vector<double>{1, 0, 0, 1}, 2, 2, 0);
    HostPlane<float> x({1, 1}, static_cast<float>(3 * scale)), y({1, 1}, 0.0f);
    ResidualSums sums(2, kFloatQuantum);
    unmix_residual(CpuQueue{}, model, bands, std::vector<Plane<const float>>{x.view(), y.view()}, {}, sums);
    EXPECT_NEAR(sums.relative_residual(), 0.8, 0.005) << scale;
    EXPECT_NEAR(sums.rms_residual(1) / (4 * scale), 1, 0.005) << scale;
    EXPECT_EQ(sums.rms_residual(0), 0) << scale;
  }
}

TEST(UnmixResidual, SolvesAHandCase) {
  // x = (2.5, 0) explains (2.5, 2.5, 0) of (4, 1, -3): residual (1.5, -1.5, -3).
  MixedImage image{3, 2, {1, 0, 1, 1, 0, 1}, {}};
  const int counts[3] = {14, 11, 7};
  for (int c : counts) image.counts.emplace_back(Extent{1, 1}, static_cast<std::uint16_t>(c));
  const UnmixModel model = make_unmix_model(image.library, 3, 2, 10);
  Abundances x(2, {1, 1});
  unmix_non_negative(CpuQueue{}, model, image.views(), x.views());
  HostPlane<float> relative({1, 1}, -1.0f);
  ResidualSums sums(3);
  unmix_residual(CpuQueue{}, model, image.views(), x.const_views(), relative.view(), sums);
  EXPECT_EQ(relative(0, 0), static_cast<float>(std::sqrt((2.25 + 2.25 + 9) / 26)));
  EXPECT_EQ(sums.rms_residual(0), 1.5);
  EXPECT_EQ(sums.rms_residual(2), 3.0);
  EXPECT_EQ(sums.rms_signal(0), 4.0);
  EXPECT_DOUBLE_EQ(sums.relative_residual(), std::sqrt(13.5 / 26));
  EXPECT_EQ(sums.pixels, 1);
}

TEST(UnmixResidual, AddsUpOverTilesAndAgreesWithDirectSums) {
  const Extent extent{150, 23};
  const MixedImage image = mixed_image(bump_library(9, 5, 1.0), 9, 5, extent, 2);
  const UnmixModel model = make_unmix_model(image.library, 9, 5, 10);
  Abundances x(5, extent);
  unmix_non_negative(CpuQueue{}, model, image.views(), x.views());
  HostPlane<float> whole(extent, -1.0f), tiled(extent, -1.0f);
  ResidualSums sums(9), parts(9);
  unmix_residual(CpuQueue{1}, model, image.views(), x.const_views(), whole.view(), sums);
  for (int y = 0; y < extent.height; y += 5)
    for (int left = 0; left < extent.width; left += 71) {
      const Rect r{left, y, std::min(71, extent.width - left), std::min(5, extent.height - y)};
      std::vector<Plane<const std::uint16_t>> in;
      std::vector<Plane<const float>> abundances;
      for (const auto& p : image.counts) in.push_back(p.view().window(r));
      for (const auto& p : x.planes) abundances.push_back(p.view().window(r));
      unmix_residual(CpuQueue{}, model, in, abundances, tiled.view().window(r), parts);
    }
  EXPECT_EQ(std::memcmp(whole.data(), tiled.data(), whole.bytes()), 0);
  EXPECT_EQ(sums.pixels, parts.pixels);
  for (int b = 0; b < 9; ++b) {
    EXPECT_EQ(sums.residual_squares[b].low, parts.residual_squares[b].low);
    EXPECT_EQ(sums.signal_squares[b].low, parts.signal_squares[b].low);
    long double residual = 0, signal = 0;
    for (std::int64_t i = 0; i < extent.area(); ++i) {
      const long double v = image.counts[b].data()[i] - 10.0L;
      long double fitted = 0;
      for (int k = 0; k < 5; ++k) fitted += static_cast<long double>(image.library[b * 5 + k]) * x.planes[k].data()[i];
      residual += (v - fitted) * (v - fitted);
      signal += v * v;
    }
    const double n = static_cast<double>(extent.area());
    EXPECT_NEAR(sums.rms_residual(b), std::sqrt(static_cast<double>(residual) / n), 0.01);
    EXPECT_NEAR(sums.rms_signal(b), std::sqrt(static_cast<double>(signal) / n), 0.01);
  }
}

TEST(UnmixResidual, RefusesWhatDoesNotFit) {
  const MixedImage image = mixed_image(bump_library(4, 2, 1.0), 4, 2, {3, 3}, 2);
  const UnmixModel model = make_unmix_model(image.library, 4, 2, 10);
  Abundances x(2, {3, 3});
  HostPlane<float> small({2, 3}, 0.0f);
  ResidualSums sums(4), other(3);
  EXPECT_THROW(unmix_residual(CpuQueue{}, model, image.views(), x.const_views(), small.view(), sums), InvalidArgument);
  EXPECT_THROW(unmix_residual(CpuQueue{}, model, image.views(), x.const_views(), {}, other), InvalidArgument);
  EXPECT_THROW(sums.merge(other), InvalidArgument);
  EXPECT_THROW(ResidualSums(0), InvalidArgument);
  EXPECT_THROW(ResidualSums(1, 0), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
