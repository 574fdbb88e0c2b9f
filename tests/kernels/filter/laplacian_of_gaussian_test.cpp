#include "kernels/filter/laplacian_of_gaussian.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/runtime/error.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Framed;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;
using Response = HostPlane<std::int16_t>;

Response respond(const Pixels& src, double sigma_px) {
  Response out(src.extent(), 0x7bad);
  CpuQueue q;
  blob_response(q, src.view(), out.view(), {sigma_px});
  return out;
}

/// The definition in doubles: -sigma^2 (G_xx + G_yy) / 2 by sampled derivatives, whose centre tap balances the others.
HostPlane<double> by_definition(const Pixels& src, double sigma) {
  const int r = blob_halo({sigma});
  std::vector<double> g(2 * r + 1), d(2 * r + 1);
  double sum = 0;
  for (int i = -r; i <= r; ++i) sum += g[i + r] = std::exp(-0.5 * i * i / (sigma * sigma));
  double balance = 0;
  for (int i = -r; i <= r; ++i) {
    g[i + r] /= sum;
    d[i + r] = i == 0 ? 0 : (i * i / (sigma * sigma) - 1) * g[i + r];
    balance += d[i + r];
  }
  d[r] = -balance;
  HostPlane<double> smooth(src.extent(), 0), second(src.extent(), 0), out(src.extent(), 0);
  const auto at = [](int v, int n) { return std::clamp(v, 0, n - 1); };
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x)
      for (int k = -r; k <= r; ++k) {
        smooth(x, y) += g[k + r] * src(x, at(y + k, src.height()));
        second(x, y) += d[k + r] * src(x, at(y + k, src.height()));
      }
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x)
      for (int k = -r; k <= r; ++k) {
        const int from = at(x + k, src.width());
        out(x, y) -= (d[k + r] * smooth(from, y) + g[k + r] * second(from, y)) / 2;
      }
  return out;
}

double worst_difference(const Pixels& src, double sigma_px) {
  const Response got = respond(src, sigma_px);
  const auto want = by_definition(src, sigma_px);
  double worst = 0;
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) worst = std::max(worst, std::abs(got(x, y) - want(x, y)));
  return worst;
}

TEST(BlobResponse, AnswersOnePixelAsComputedByHand) {
  Pixels src({9, 9}, 0);
  src(4, 4) = 10000;
  const Response got = respond(src, 1);
  // 10000 / 2 of (2 - r^2) e^(-r^2 / 2) / (2 pi): 1591.5, 482.7, 0, -215.4 at r = 0, 1, sqrt 2, 2
  EXPECT_NEAR(got(4, 4), 1591.5, 1);
  for (const auto& [x, y] : {std::pair{3, 4}, {5, 4}, {4, 3}, {4, 5}}) EXPECT_NEAR(got(x, y), 482.7, 1);
  for (const auto& [x, y] : {std::pair{3, 3}, {5, 3}, {3, 5}, {5, 5}}) EXPECT_NEAR(got(x, y), 0, 1);
  EXPECT_NEAR(got(2, 4), -215.4, 1);
  EXPECT_NEAR(got(4, 6), -215.4, 1);
}

TEST(BlobResponse, AgreesWithTheDefinitionWithinRounding) {
  for (const Extent e : {Extent{1, 1}, {1, 40}, {40, 1}, {3, 5}, {61, 47}})
    for (double sigma_px : {0.55, 0.7, 1.0, 1.5, 1.98, 3.3, 9.0, 40.0})
      EXPECT_LE(worst_difference(random_plane<std::uint16_t>(e, 1), sigma_px), sigma_px < 10 ? 4 : 8)
          << e.width << " x " << e.height << ", sigma " << sigma_px;
}

// Below sigma 0.8, and at 1.5, a row of saturated pixels overflowed the 32-bit column sums and changed sign.
TEST(BlobResponse, DoesNotWrapOnSaturatedLinesAndChecks) {
  Pixels line({33, 33}, 0), dark({33, 33}, 65535), checks({33, 33}), dot({33, 33}, 0), stripes({33, 33});
  for (int i = 0; i < 33; ++i) line(i, 16) = 65535, dark(i, 16) = 0;
  for (int y = 0; y < 33; ++y)
    for (int x = 0; x < 33; ++x) {
      checks(x, y) = (x + y) % 2 == 0 ? 65535 : 0;
      stripes(x, y) = (y / 2) % 2 == 0 ? 65535 : 0;
    }
  dot(16, 16) = 65535;
  for (double sigma_px : {0.55, 0.6, 0.65, 0.7, 0.75, 0.79, 0.8, 1.0, 1.3, 1.45, 1.5, 1.55, 2.0, 5.0})
    for (const Pixels* src : {&line, &dark, &checks, &dot, &stripes})
      EXPECT_LE(worst_difference(*src, sigma_px), 4) << "sigma " << sigma_px;
}

// The worst image for a scale: saturated exactly where the kernel is positive, or negative.
TEST(BlobResponse, FitsItsTypeOnTheWorstImage) {
  for (double sigma_px = 0.55; sigma_px < 3; sigma_px += 0.05) {
    const int r = blob_halo({sigma_px}), n = 2 * r + 1;
    Pixels dot({n, n}, 0), bright({n, n}), dark({n, n});
    dot(r, r) = 65535;
    const Response kernel = respond(dot, sigma_px);
    for (int y = 0; y < n; ++y)
      for (int x = 0; x < n; ++x)
        bright(x, y) = kernel(x, y) > 0 ? 65535 : 0, dark(x, y) = kernel(x, y) > 0 ? 0 : 65535;
    EXPECT_GT(respond(bright, sigma_px)(r, r), 0.6 * 32767) << sigma_px;
    EXPECT_LT(respond(bright, sigma_px)(r, r), 0.97 * 32768) << sigma_px;
    EXPECT_LT(respond(dark, sigma_px)(r, r), -0.6 * 32767) << sigma_px;
    EXPECT_GT(respond(dark, sigma_px)(r, r), -0.97 * 32768) << sigma_px;
  }
}

TEST(BlobResponse, IsNothingOnConstants) {
  for (std::uint16_t value : {0, 1, 40000, 65535})
    for (double sigma_px : {0.55, 1.5, 7.0, 96.0})
      EXPECT_TRUE(same_pixels(Response({37, 29}, 0), respond(Pixels({37, 29}, value), sigma_px)));
}

TEST(BlobResponse, PeaksOnDiscsOfItsOwnDiameter) {
  constexpr int kSide = 101;
  for (double diameter : {12.0, 20.0}) {
    Pixels disc({kSide, kSide}, 1000);
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < kSide; ++x)
        if (4 * ((x - 50) * (x - 50) + (y - 50) * (y - 50)) <= diameter * diameter) disc(x, y) = 20000;
    double best = 0;
    int most = 0;
    for (double sigma = 2; sigma < 14; sigma *= 1.03)
      if (const int v = respond(disc, sigma)(50, 50); v > most) most = v, best = sigma;
    EXPECT_NEAR(best * 2 * std::sqrt(2.0), diameter, 0.08 * diameter);
  }
}

TEST(BlobResponse, GivesTheSamePixelsInTilesOfAnySize) {
  const auto src = random_plane<std::uint16_t>({151, 97}, 3);
  for (double sigma_px : {0.7, 1.98, 4.2}) {
    const Response whole = respond(src, sigma_px);
    for (int tile : {16, 33, 64, 200})
      EXPECT_TRUE(
          same_pixels(whole, testing::in_tiles<std::int16_t>(src, tile, blob_halo({sigma_px}),
                                                             [&](const Pixels& w) { return respond(w, sigma_px); })))
          << "tile " << tile << " sigma " << sigma_px;
  }
}

TEST(BlobResponse, IsTheSameForAnyThreadCountAndKeepsToItsWindow) {
  const auto src = random_plane<std::uint16_t>({131, 211}, 4);
  const Response want = respond(src, 2);
  testing::for_thread_counts([&] {
    Framed<std::uint16_t> in(src);
    Framed<std::int16_t> out(Response(src.extent(), 1));
    CpuQueue q;
    blob_response(q, in.view(), out.view(), {2});
    EXPECT_TRUE(same_pixels(want, out.pixels()));
    EXPECT_TRUE(out.surroundings_untouched());
  });
}

TEST(BlobResponse, DoesNothingToAnEmptyPlane) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(blob_response(q, {nullptr, e, e.width}, {nullptr, e, e.width}, {2}));
}

TEST(BlobResponse, RejectsWhatItsContractExcludes) {
  CpuQueue q;
  Pixels src({8, 6}, 1);
  Response dst({8, 6}), other({7, 6});
  for (double sigma_px : {0.0, 0.54, 96.1, -1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(blob_response(q, src.view(), dst.view(), {sigma_px}), InvalidArgument) << sigma_px;
  EXPECT_THROW(blob_response(q, src.view(), other.view(), {2}), InvalidArgument);
  const Plane<std::int16_t> same{reinterpret_cast<std::int16_t*>(src.data()), src.extent(), 8};
  EXPECT_THROW(blob_response(q, src.view(), same, {2}), InvalidArgument) << "in place";
}

}  // namespace
}  // namespace hexaplex
