#include "kernels/quality/square_sums.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::random_plane;

template <class T>
std::vector<Plane<const T>> views(const std::vector<HostPlane<T>>& planes) {
  std::vector<Plane<const T>> out;
  for (const auto& p : planes) out.push_back(p.view());
  return out;
}

template <class T>
HostPlane<SquareSums> measured(const std::vector<HostPlane<T>>& bands, const SquareOptions& options = {}) {
  HostPlane<SquareSums> out(square_grid(bands[0].extent()));
  measure_squares(CpuQueue{}, std::span<const Plane<const T>>(views(bands)), options, {}, out.view());
  return out;
}

bool same(const SquareSums& a, const SquareSums& b) {
  return a.nuclear == b.nuclear && a.light == b.light && a.noise == b.noise && a.fine == b.fine &&
         a.coarse == b.coarse && a.saturated == b.saturated && a.not_scanned == b.not_scanned;
}

// As the header says it, in double, without lanes.
double energy(const HostPlane<std::uint16_t>& band, int x0, int y0, int bin) {
  const int n = kQualitySquarePx / bin;
  const auto mean = [&](int i, int j) {
    double sum = 0;
    for (int y = 0; y < bin; ++y)
      for (int x = 0; x < bin; ++x) sum += band(x0 + i * bin + x, y0 + j * bin + y);
    return sum / (bin * bin);
  };
  double sum = 0;
  for (int j = 1; j + 1 < n; ++j)
    for (int i = 1; i + 1 < n; ++i) {
      const double bend = 4 * mean(i, j) - mean(i - 1, j) - mean(i + 1, j) - mean(i, j - 1) - mean(i, j + 1);
      sum += bend * bend;
    }
  return sum / ((n - 2) * (n - 2));
}

TEST(SquareSums, MeasuresAHandMadeSquare) {
  std::vector<HostPlane<std::uint16_t>> bands;
  bands.emplace_back(Extent{32, 32}, std::uint16_t{10});
  bands.emplace_back(Extent{32, 32}, std::uint16_t{3});
  bands[0](5, 5) = 1034;  // one bright pixel: the Laplacian is 4 times it there, once in each neighbour
  const auto out = measured(bands, {0, 1000});
  ASSERT_EQ(out.extent(), (Extent{1, 1}));
  EXPECT_EQ(out(0, 0).nuclear, 11.0f);
  EXPECT_EQ(out(0, 0).light[0], 11.0f);
  EXPECT_EQ(out(0, 0).light[1], 3.0f);
  EXPECT_EQ(out(0, 0).light[2], 0.0f);
  EXPECT_EQ(out(0, 0).saturated, 1);
  EXPECT_EQ(out(0, 0).not_scanned, 0);
  EXPECT_FLOAT_EQ(out(0, 0).noise, 20.0f * 1024 * 1024 / 900);
  EXPECT_FLOAT_EQ(out(0, 0).fine, 20.0f * 256 * 256 / 196);
}

TEST(SquareSums, AgreesWithTheDefinition) {
  std::vector<HostPlane<std::uint16_t>> bands;
  for (unsigned b = 0; b < 6; ++b) bands.push_back(random_plane<std::uint16_t>({100, 70}, b));
  const auto out = measured(bands, {3, 60000});
  ASSERT_EQ(out.extent(), (Extent{4, 3}));
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 4; ++x) {
      const int right = std::min(100, x * 32 + 32), bottom = std::min(70, y * 32 + 32);
      double light[4] = {}, nuclear = 0;
      int saturated = 0;
      for (int v = y * 32; v < bottom; ++v)
        for (int u = x * 32; u < right; ++u) {
          bool hit = false;
          for (int b = 0; b < 6; ++b) {
            light[b < 1 ? 0 : b < 3 ? 1 : b < 4 ? 2 : 3] += bands[b](u, v);  // 6 bands in 4 groups: 1, 2, 1, 2
            hit |= bands[b](u, v) >= 60000;
          }
          nuclear += bands[3](u, v);
          saturated += hit;
        }
      const double area = (right - x * 32) * (bottom - y * 32);
      EXPECT_FLOAT_EQ(out(x, y).nuclear, static_cast<float>(nuclear / area));
      for (int g = 0; g < 4; ++g) EXPECT_FLOAT_EQ(out(x, y).light[g], static_cast<float>(light[g] / area));
      EXPECT_EQ(out(x, y).saturated, saturated);
      const bool full = area == 1024;
      EXPECT_NEAR(out(x, y).noise, full ? energy(bands[3], x * 32, y * 32, 1) : 0, 1e-5 * out(x, y).noise);
      EXPECT_NEAR(out(x, y).fine, full ? energy(bands[3], x * 32, y * 32, 2) : 0, 1e-5 * out(x, y).fine);
      EXPECT_NEAR(out(x, y).coarse, full ? energy(bands[3], x * 32, y * 32, 8) : 0, 1e-5 * out(x, y).coarse);
    }
}

TEST(SquareSums, IsTheSameForAnyWindowsAndThreadsAndSampleType) {
  std::vector<HostPlane<std::uint16_t>> bands;
  std::vector<HostPlane<float>> floats;
  for (unsigned b = 0; b < 3; ++b) {
    bands.push_back(random_plane<std::uint16_t>({300, 203}, b));
    floats.emplace_back(Extent{300, 203});
    for (std::int64_t i = 0; i < 300 * 203; ++i) floats.back().data()[i] = bands.back().data()[i];
  }
  const SquareOptions options{1, 65000};
  const auto want = measured(bands, options);
  testing::for_thread_counts([&] {
    HostPlane<SquareSums> got(want.extent());
    for (const auto& t : testing::cut_into_tiles({300, 203}, 96, 0)) {
      std::vector<Plane<const std::uint16_t>> windows;
      for (const auto& p : bands) windows.push_back(p.view().window(t.core));
      const Extent squares = square_grid(t.core.extent());
      measure_squares(CpuQueue{}, std::span<const Plane<const std::uint16_t>>(windows), options, {},
                      got.view().window({t.core.x / 32, t.core.y / 32, squares.width, squares.height}));
    }
    const auto as_float = measured(floats, options);
    for (int y = 0; y < want.height(); ++y)
      for (int x = 0; x < want.width(); ++x) {
        EXPECT_TRUE(same(want(x, y), got(x, y))) << x << ", " << y;
        EXPECT_TRUE(same(want(x, y), as_float(x, y))) << x << ", " << y;
      }
  });
}

TEST(SquareSums, FollowsWhiteNoiseAsTheHeaderSays) {
  std::vector<HostPlane<float>> bands;
  bands.emplace_back(Extent{1024, 1024});
  std::mt19937 random(1);
  for (std::int64_t i = 0; i < 1024 * 1024; ++i) {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += static_cast<double>(random()) / 4294967296.0;
    bands[0].data()[i] = static_cast<float>(100 + 2 * sum);  // variance 4
  }
  const auto out = measured(bands);
  double noise = 0, fine = 0, coarse = 0;
  for (std::int64_t i = 0; i < 1024; ++i)
    noise += out.data()[i].noise / 1024, fine += out.data()[i].fine / 1024, coarse += out.data()[i].coarse / 1024;
  EXPECT_NEAR(noise, 80, 1);
  EXPECT_NEAR(fine, 20, 0.5);
  EXPECT_NEAR(coarse, 1.25, 0.1);
}

TEST(SquareSums, CountsWhatWasNotScanned) {
  std::vector<HostPlane<std::uint16_t>> bands;
  bands.emplace_back(Extent{40, 33}, std::uint16_t{1});
  HostPlane<std::uint8_t> scanned({40, 33}, std::uint8_t{1});
  for (int y = 0; y < 33; ++y)
    for (int x = 30; x < 40; ++x) scanned(x, y) = 0;
  HostPlane<SquareSums> out(square_grid({40, 33}));
  measure_squares(CpuQueue{}, std::span<const Plane<const std::uint16_t>>(views(bands)), {}, scanned.view(),
                  out.view());
  EXPECT_EQ(out(0, 0).not_scanned, 64);
  EXPECT_EQ(out(1, 0).not_scanned, 256);
  EXPECT_EQ(out(1, 1).not_scanned, 8);
}

TEST(SquareSums, TakesEmptyAndTinyFieldsAndTheLargestCounts) {
  for (const Extent e : testing::kEmptyShapes) {
    const Plane<const std::uint16_t> band{nullptr, e, e.width};
    EXPECT_NO_THROW(measure_squares(CpuQueue{}, std::span(&band, 1), {}, {}, {}));
  }
  std::vector<HostPlane<std::uint16_t>> bands;
  bands.emplace_back(Extent{1, 1}, std::uint16_t{65535});
  EXPECT_EQ(measured(bands, {0, 65535})(0, 0).saturated, 1);
  EXPECT_EQ(measured(bands)(0, 0).nuclear, 65535.0f);
  bands[0] = HostPlane<std::uint16_t>({64, 64}, 65535);
  EXPECT_EQ(measured(bands, {0, 65535})(1, 1).saturated, 1024);
  EXPECT_EQ(measured(bands)(1, 1).light[0], 65535.0f);
}

TEST(SquareSums, RefusesWhatDoesNotFit) {
  std::vector<HostPlane<std::uint16_t>> bands;
  bands.emplace_back(Extent{64, 64});
  const auto planes = views(bands);
  const std::span<const Plane<const std::uint16_t>> all(planes);
  HostPlane<SquareSums> out({2, 2}), wrong({1, 2});
  const HostPlane<std::uint8_t> small({63, 64});
  const CpuQueue q;
  EXPECT_THROW(measure_squares(q, all.first(0), {}, {}, out.view()), InvalidArgument);
  EXPECT_THROW(measure_squares(q, all, {1}, {}, out.view()), InvalidArgument);
  EXPECT_THROW(measure_squares(q, all, {-1}, {}, out.view()), InvalidArgument);
  EXPECT_THROW(measure_squares(q, all, {0, std::nan("")}, {}, out.view()), InvalidArgument);
  EXPECT_THROW(measure_squares(q, all, {}, {}, wrong.view()), InvalidArgument);
  EXPECT_THROW(measure_squares(q, all, {}, small.view(), out.view()), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
