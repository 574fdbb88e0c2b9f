#include "kernels/filter/gaussian.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#if HEXAPLEX_HAS_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace hexaplex {
namespace {

using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

/// The definition in 64 bits, written out: one pass along x or y, rounded to nearest.
Pixels brute_force_pass(const Pixels& src, const GaussianWeights& weights, bool vertical) {
  Pixels out(src.extent());
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) {
      std::uint64_t sum = 0;
      for (int k = -weights.radius; k <= weights.radius; ++k) {
        const int sx = vertical ? x : std::clamp(x + k, 0, src.width() - 1);
        const int sy = vertical ? std::clamp(y + k, 0, src.height() - 1) : y;
        sum += std::uint64_t{weights.weight[std::abs(k)]} * src(sx, sy);
      }
      out(x, y) = static_cast<std::uint16_t>((2 * sum + 65536) / (2 * 65536));
    }
  return out;
}
Pixels brute_force(const Pixels& src, double sigma_px) {
  const GaussianWeights weights = gaussian_weights(sigma_px);
  return brute_force_pass(brute_force_pass(src, weights, true), weights, false);
}

Pixels by_functor(const Pixels& src, double sigma_px) {
  const GaussianWeights weights = gaussian_weights(sigma_px);
  Pixels rows(src.extent()), out(src.extent());
  const detail::GaussianVertical vertical{src.view(), rows.view(), weights};
  const detail::GaussianHorizontal horizontal{rows.view(), out.view(), weights};
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) vertical(x, y);
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) horizontal(x, y);
  return out;
}

Pixels cut(const Pixels& src, Rect r) {
  Pixels out(r.extent());
  for (int y = 0; y < r.height; ++y)
    for (int x = 0; x < r.width; ++x) out(x, y) = src(r.x + x, r.y + y);
  return out;
}

class Gaussian : public testing::QueueTest {
 protected:
  Pixels blur(const Pixels& src, double sigma_px) {
    auto in = on_queue(src);
    auto out = on_queue(Pixels(src.extent(), 0xbeef));
    gaussian_blur(queue(), in.view(), out.view(), {sigma_px});
    return out.pixels();
  }
};

TEST_P(Gaussian, SpreadsOnePixelAsComputedByHand) {
  // sigma 0.5, radius 2: e^-2 = 0.135335, e^-8 = 0.000335, so the half kernel is 51548, 6977, 17 of 65536.
  Pixels src({5, 5}, 0);
  src(2, 2) = 10000;
  // Down the centre column: 3, 1065, 7866, 1065, 3; along a row 7866 becomes 2, 837, 6187, and so on.
  const std::uint16_t want[5][5] = {
      {0, 0, 2, 0, 0}, {0, 113, 838, 113, 0}, {2, 837, 6187, 837, 2}, {0, 113, 838, 113, 0}, {0, 0, 2, 0, 0}};
  const Pixels got = blur(src, 0.5);
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 5; ++x) EXPECT_EQ(got(x, y), want[y][x]) << x << ", " << y;
}

TEST_P(Gaussian, RepeatsEdgePixelsAsComputedByHand) {
  Pixels src({3, 1}, 0);
  src(0, 0) = 1000;  // 51548 + 6977 + 17 of it stay, 6977 + 17 reach the next pixel, 17 the last
  const Pixels got = blur(src, 0.5);
  EXPECT_EQ(got(0, 0), 893);
  EXPECT_EQ(got(1, 0), 107);
  EXPECT_EQ(got(2, 0), 0);
}

TEST_P(Gaussian, EqualsBruteForceOnEveryShape) {
  for (const Extent extent : {Extent{1, 1}, {1, 70}, {70, 1}, {3, 5}, {2, 2}, {257, 65}, {1100, 19}, {64, 64}})
    for (double sigma_px : {0.2, 0.7, 2.0, 5.3, 64.0}) {
      const Pixels src = random_plane<std::uint16_t>(extent, 1);
      EXPECT_TRUE(same_pixels(brute_force(src, sigma_px), blur(src, sigma_px)))
          << extent.width << " x " << extent.height << " sigma " << sigma_px;
    }
}

TEST_P(Gaussian, EqualsTheSharedFunctor) {
  const Pixels src = random_plane<std::uint16_t>({333, 71}, 2);
  for (double sigma_px : {0.5, 1.0, 1.7, 9.0}) EXPECT_TRUE(same_pixels(by_functor(src, sigma_px), blur(src, sigma_px)));
}

TEST_P(Gaussian, LeavesConstantsAsTheyAre) {
  for (std::uint16_t value : {0, 1, 255, 40000, 65535})
    for (double sigma_px : {0.2, 1.3, 20.0, 64.0}) {
      const Pixels src({67, 31}, value);
      EXPECT_TRUE(same_pixels(src, blur(src, sigma_px)));
    }
}

TEST_P(Gaussian, LeavesPixelsAsTheyAreWhereSigmaIsTiny) {
  const Pixels src = random_plane<std::uint16_t>({40, 30}, 3);
  EXPECT_TRUE(same_pixels(src, blur(src, 0.2)));  // e^-12.5 is less than half of 1 / 65536
}

TEST_P(Gaussian, GivesTheSamePixelsInTilesOfAnySize) {
  const Pixels src = random_plane<std::uint16_t>({201, 150}, 4);
  for (double sigma_px : {0.9, 4.1}) {
    const Pixels whole = blur(src, sigma_px);
    const int halo = gaussian_halo({sigma_px});
    for (const int tile : {16, 33, 64, 101, 1024}) {
      Pixels assembled(src.extent(), 0);
      for (int y = 0; y < src.height(); y += tile)
        for (int x = 0; x < src.width(); x += tile) {
          const int right = std::min(x + tile, src.width()), bottom = std::min(y + tile, src.height());
          const int left = std::max(x - halo, 0), top = std::max(y - halo, 0);
          const Rect window{left, top, std::min(right + halo, src.width()) - left,
                            std::min(bottom + halo, src.height()) - top};
          const Pixels blurred = blur(cut(src, window), sigma_px);
          for (int v = y; v < bottom; ++v)
            for (int u = x; u < right; ++u) assembled(u, v) = blurred(u - left, v - top);
        }
      EXPECT_TRUE(same_pixels(whole, assembled)) << "tile " << tile << " sigma " << sigma_px;
    }
  }
}

TEST_P(Gaussian, ReadsAndWritesWindowsWithoutTouchingTheirSurroundings) {
  const Pixels src = random_plane<std::uint16_t>({61, 47}, 5);
  const Rect window{7, 5, 33, 29};  // odd pitch, odd offset
  auto in = on_queue(src);
  auto out = on_queue(Pixels(src.extent(), 0xbeef));
  gaussian_blur(queue(), in.view().window(window), out.view().window(window), {1.5});
  const Pixels got = out.pixels();
  EXPECT_TRUE(same_pixels(brute_force(cut(src, window), 1.5), cut(got, window)));
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) {
      const bool inside = x >= window.x && x < window.right() && y >= window.y && y < window.bottom();
      ASSERT_TRUE(inside || got(x, y) == 0xbeef) << x << ", " << y;
    }
}

TEST_P(Gaussian, DoesNothingToAnEmptyPlane) {
  for (const Extent extent : {Extent{0, 0}, {0, 7}, {7, 0}})
    EXPECT_NO_THROW(gaussian_blur(queue(), {nullptr, extent, extent.width}, {nullptr, extent, extent.width}, {2}));
}

TEST_P(Gaussian, RejectsWhatItsContractExcludes) {
  auto a = on_queue(Pixels({8, 6}, 1));
  auto b = on_queue(Pixels({8, 6}, 1));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double sigma_px : {0.0, -1.0, 0.19, 64.1, nan, HUGE_VAL})
    EXPECT_THROW(gaussian_blur(queue(), a.view(), b.view(), {sigma_px}), InvalidArgument) << sigma_px;
  const Plane<std::uint16_t> smaller = b.view().window({0, 0, 7, 6});
  EXPECT_THROW(gaussian_blur(queue(), a.view(), smaller, {2}), InvalidArgument);
  EXPECT_THROW(gaussian_blur(queue(), a.view(), a.view(), {2}), InvalidArgument) << "in place";
  EXPECT_THROW(gaussian_blur(queue(), a.view().window({0, 0, 8, 4}), a.view().window({0, 2, 8, 4}), {2}),
               InvalidArgument);
  const Plane<std::uint16_t> narrow{b.view().data, {8, 6}, 7}, no_data{nullptr, {8, 6}, 8},
      negative{b.view().data, {-8, 6}, 8};
  for (const auto& bad : {narrow, no_data}) {
    EXPECT_THROW(gaussian_blur(queue(), bad, a.view(), {2}), InvalidArgument);
    EXPECT_THROW(gaussian_blur(queue(), a.view(), bad, {2}), InvalidArgument);
  }
  EXPECT_THROW(gaussian_blur(queue(), negative, negative, {2}), InvalidArgument);
  EXPECT_THROW(gaussian_halo({nan}), InvalidArgument);
}

#if HEXAPLEX_HAS_OPENCV
TEST_P(Gaussian, AgreesWithOpenCvWithinRounding) {
  const Pixels src = random_plane<std::uint16_t>({190, 140}, 6);
  for (double sigma_px : {0.6, 2.0, 7.5, 30.0}) {
    const int radius = gaussian_halo({sigma_px});
    cv::Mat in(src.height(), src.width(), CV_16U, const_cast<std::uint16_t*>(src.data())), exact;
    in.convertTo(exact, CV_64F);
    cv::GaussianBlur(exact, exact, {2 * radius + 1, 2 * radius + 1}, sigma_px, sigma_px, cv::BORDER_REPLICATE);
    // Half a count for each rounding, and what the rounded weights can differ by on this range of values.
    const GaussianWeights weights = gaussian_weights(sigma_px);
    const auto profile = gaussian_profile(sigma_px);
    double off = std::abs(weights.weight[0] / 65536.0 - profile[0]);
    for (int k = 1; k <= radius; ++k) off += 2 * std::abs(weights.weight[k] / 65536.0 - profile[k]);
    const double bound = 1 + 2 * off * 65535 / 2 + 1e-6;  // weights' errors sum to 0: half the range counts
    const Pixels got = blur(src, sigma_px);
    double worst = 0;
    for (int y = 0; y < src.height(); ++y)
      for (int x = 0; x < src.width(); ++x) worst = std::max(worst, std::abs(got(x, y) - exact.at<double>(y, x)));
    EXPECT_LE(worst, bound) << "sigma " << sigma_px;
    EXPECT_LE(worst, 4) << "sigma " << sigma_px;  // measured, on noise of the full range
  }
}
#endif

INSTANTIATE_TEST_SUITE_P(Queues, Gaussian, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

TEST(GaussianWeights, SumToOneAndFollowTheProfile) {
  for (double sigma_px = 0.2; sigma_px <= 64; sigma_px *= 1.07) {
    const GaussianWeights weights = gaussian_weights(sigma_px);
    EXPECT_EQ(weights.radius, static_cast<int>(std::ceil(3 * sigma_px)));
    double norm = 0;
    for (int k = -weights.radius; k <= weights.radius; ++k) norm += std::exp(-0.5 * k * k / (sigma_px * sigma_px));
    std::int64_t sum = weights.weight[0];
    for (int k = 0; k <= weights.radius; ++k) {
      EXPECT_NEAR(weights.weight[k], 65536 * std::exp(-0.5 * k * k / (sigma_px * sigma_px)) / norm,
                  k == 0 ? 1.0001 : 0.9999);
      if (k > 0) sum += 2 * std::int64_t{weights.weight[k]};
    }
    EXPECT_EQ(sum, 65536);
  }
  EXPECT_EQ(gaussian_weights(64).radius, kMaxGaussianRadius);
  EXPECT_EQ(gaussian_weights(0.2).radius, 1);
}

TEST(GaussianThreads, GiveTheSamePixelsWhateverTheirNumber) {
  const Pixels src = random_plane<std::uint16_t>({130, 517}, 7);
  Pixels one(src.extent()), many(src.extent());
  Queue alone = CpuQueue{1}, team = CpuQueue{};
  for (int threads : {1, 2, 3, 8}) {
    set_cpu_threads(threads);
    gaussian_blur(alone, src.view(), one.view(), {3});
    gaussian_blur(team, src.view(), many.view(), {3});
    EXPECT_TRUE(same_pixels(one, many)) << threads;
  }
  set_cpu_threads(0);
}

#if HX_WITH_CUDA

/// Uploads, blurs and fetches. Host memory comes before the stream, which waits for its copies when it goes.
Pixels blur_on_device(const Pixels& src, double sigma_px) {
  Pixels result(src.extent(), 0xbeef);
  Stream stream(choose_device());
  Queue q = stream.queue();
  const CudaQueue cuda = stream.queue();
  DevicePlane<std::uint16_t> in(cuda, src.extent()), out(cuda, src.extent());
  copy<std::uint16_t>(cuda, src.view(), in.view());
  gaussian_blur(q, in.view(), out.view(), {sigma_px});
  copy<std::uint16_t>(cuda, out.view(), result.view());
  synchronise(cuda);
  return result;
}

TEST(GaussianOnDevice, AllocatesCopiesAndLaunchesInOrder) {
  testing::ScopedHostDevice device;
  blur_on_device(random_plane<std::uint16_t>({20, 10}, 8), 9);
  const std::vector<std::string> want{
      "count_devices", "describe", "create_stream", "allocate",    "allocate", "copy", "allocate",    "launch",
      "launch",        "free",     "copy",          "synchronise", "free",     "free", "synchronise", "destroy_stream"};
  EXPECT_EQ(device.api().calls(), want);
  EXPECT_TRUE(device.api().misuse().empty());
}

TEST(GaussianOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  using Kind = DeviceStatus::Kind;
  using Times = testing::HostDeviceApi::Times;
  const double sigma_px = 9;  // with a plane between its passes
  const Pixels src = random_plane<std::uint16_t>({37, 21}, 9), want = by_functor(src, sigma_px);
  testing::ScopedHostDevice device;
  blur_on_device(src, sigma_px);
  const std::vector<std::string> sound = device.api().calls();
  const int calls = static_cast<int>(sound.size());
  const int waited = static_cast<int>(std::find(sound.begin(), sound.end(), "synchronise") - sound.begin()) + 1;
  for (const Kind kind :
       {Kind::kOutOfMemory, Kind::kNoDriver, Kind::kNoDevice, Kind::kNoKernelImage, Kind::kLost, Kind::kFailed})
    for (const Times times : {Times::kOnce, Times::kForever})
      for (int n = 1; n <= calls; ++n) {
        device.api().forget_calls();
        device.api().fail_call(n, kind, times);
        std::string end = "no error";
        try {
          const Pixels got = blur_on_device(src, sigma_px);
          EXPECT_TRUE(same_pixels(want, got));
        } catch (const OutOfMemory&) {
          end = "out of memory";
        } catch (const DeviceError& e) {
          end = "device error";
          EXPECT_GT(std::string(e.what()).size(), 20u) << "a sentence, please";
        }
        const std::string failed = device.api().calls().at(n - 1);
        if (failed == "count_devices" || failed == "describe") {
          EXPECT_EQ(end, "device error") << failed;
        } else if (n <= waited && failed != "free") {  // the others are in destructors, which cannot throw
          EXPECT_EQ(end, kind == Kind::kOutOfMemory ? "out of memory" : "device error") << failed << ", call " << n;
        }
        device.api().fail_nothing();
        EXPECT_TRUE(same_pixels(want, blur_on_device(src, sigma_px))) << "after " << failed << " had failed";
      }
}

TEST(GaussianOnDevice, ReportsTheBytesThatDidNotFit) {
  testing::ScopedHostDevice device;
  device.api().limit_memory(2 * 128 * 50);  // in and out, but not the first pass's plane
  try {
    blur_on_device(random_plane<std::uint16_t>({60, 50}, 10), 9);
    FAIL() << "should not fit";
  } catch (const OutOfMemory& e) {
    EXPECT_EQ(e.bytes_asked(), 2u * 60u * 50u);
  }
  EXPECT_EQ(device.api().live_allocations(), 0u);
  EXPECT_TRUE(same_pixels(by_functor(Pixels({9, 9}, 7), 9), blur_on_device(Pixels({9, 9}, 7), 9)));
}

#endif

}  // namespace
}  // namespace hexaplex
