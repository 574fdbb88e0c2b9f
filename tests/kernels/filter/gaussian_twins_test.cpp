#include <gtest/gtest.h>

#include "kernels/filter/gaussian.h"
#include "kernels/filter/gaussian_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/landscapes.h"

// The CPU's operator is held against its definition in gaussian_test.cpp; here the others are held against the CPU's.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

struct Case {
  std::string name;
  Pixels src;
  double sigma_px;
};

std::string size_of(Extent e) {
  return std::to_string(e.width) + " x " + std::to_string(e.height);
}

// A sigma for each form: tiles of every radius, just within and just beyond it, and two passes.
constexpr double kSigmas[] = {0.2, 1.0, 1.1, 1.4, 1.67, 2.6, 2.7, 4.0, 5.3, 5.4, 8.0, 8.1, 10.6, 10.7, 21.4, 64.0};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (auto& [name, image] : testing::hard_landscapes())
    for (double sigma_px : {0.9, 1.4, 3.6, 9.0}) out.push_back({name, image.copy(), sigma_px});
  for (const Extent e : testing::kEdgeShapes)
    for (double sigma_px : kSigmas) out.push_back({size_of(e), random_plane<std::uint16_t>(e, 1), sigma_px});
  // About the sides of tiles: 240, 224 and 208 by 32; 64 by 32; 512 by 4.
  for (const int width : {207, 208, 209, 223, 225, 239, 240, 241, 513})
    for (double sigma_px : {1.4, 5.3, 8.0, 8.7})
      out.push_back({size_of({width, 3}), random_plane<std::uint16_t>({width, 3}, 2), sigma_px});
  for (const int height : {15, 16, 17, 31, 32, 33, 63, 65})
    for (double sigma_px : {1.4, 2.6, 8.0, 11.0})
      out.push_back({size_of({9, height}), random_plane<std::uint16_t>({9, height}, 3), sigma_px});
  return out;
}

std::string named(const Case& c) {
  return c.name + ", sigma " + std::to_string(c.sigma_px);
}

Pixels by_cpu(const Case& c) {
  Pixels out(c.src.extent(), 0x7bad);
  gaussian_blur(CpuQueue{}, c.src.view(), out.view(), {c.sigma_px});
  return out;
}

TEST(GaussianChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Case& c : cases()) {
    const Pixels want = by_cpu(c);
    testing::for_thread_counts([&] {
      Pixels got(c.src.extent(), 0x7bad);
      detail::gaussian_blur_chain(CpuQueue{}, c.src.view(), got.view(), {c.sigma_px});
      EXPECT_TRUE(same_pixels(want, got)) << named(c);
    });
  }
}

// The definition in the header of the pixels, which no operator runs.
TEST(GaussianChain, EqualsItsDefinition) {
  const Pixels src = random_plane<std::uint16_t>({333, 71}, 2);
  for (double sigma_px : kSigmas) {
    const GaussianWeights weights = gaussian_weights(sigma_px);
    Pixels rows(src.extent()), want(src.extent()), got(src.extent());
    for_each_pixel(CpuQueue{}, src.extent(), detail::GaussianVertical{src.view(), rows.view(), weights});
    for_each_pixel(CpuQueue{}, src.extent(), detail::GaussianHorizontal{rows.view(), want.view(), weights});
    detail::gaussian_blur_chain(CpuQueue{}, src.view(), got.view(), {sigma_px});
    EXPECT_TRUE(same_pixels(want, got)) << sigma_px;
  }
}

class GaussianTwins : public testing::QueueTest {};

TEST_P(GaussianTwins, EqualTheCpuAndKeepToTheirWindows) {
  for (const Case& c : cases()) {
    FramedOnQueue<std::uint16_t> src(queue(), c.src), dst(queue(), Pixels(c.src.extent(), 0x7bad));
    gaussian_blur(queue(), src.view(), dst.view(), {c.sigma_px});
    EXPECT_TRUE(same_pixels(by_cpu(c), dst.pixels())) << named(c);
    EXPECT_TRUE(dst.surroundings_untouched()) << named(c);
  }
}

// Rows that begin at whole runs of pixels, unlike those of the windows above.
TEST_P(GaussianTwins, EqualTheCpuOnPlanesOfTheirOwn) {
  for (const Case& c : cases()) {
    auto src = on_queue(c.src), dst = on_queue(Pixels(c.src.extent(), 0x7bad));
    gaussian_blur(queue(), src.view(), dst.view(), {c.sigma_px});
    EXPECT_TRUE(same_pixels(by_cpu(c), dst.pixels())) << named(c);
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, GaussianTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(GaussianOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  for (const double sigma_px : {1.5, 9.0}) {
    const Case c{"", random_plane<std::uint16_t>({23, 17}, 3), sigma_px};
    const Pixels want = by_cpu(c);
    testing::expect_right_answers_or_typed_errors(
        [&](testing::DeviceUse& use) {
          const auto src = use.upload(c.src);
          const auto dst = use.upload(Pixels(c.src.extent(), 0));
          gaussian_blur(use.queue(), src, dst, {c.sigma_px});
          return same_pixels(want, use.download(dst));
        },
        9);
  }
}
#endif

}  // namespace
}  // namespace hexaplex
