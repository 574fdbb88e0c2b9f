#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "kernels/resample/enlarge_labels.h"
#include "kernels/resample/enlarge_labels_pixel.h"
#include "kernels/resample/shrink.h"
#include "kernels/resample/shrink_pixel.h"
#include "kernels/runtime/for_each_pixel.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"

// The CPU's operators are held against sums in doubles in tests of their own; here the others are held against the
// CPU's.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::Labels;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

constexpr int kFactors[] = {1, 2, 3, 7, 64, 256};

std::vector<Extent> extents() {
  std::vector<Extent> out = testing::kEdgeShapes;
  out.insert(out.end(), {{131, 77}, {260, 257}});
  return out;
}

std::vector<Pixels> images() {
  std::vector<Pixels> out;
  for (const Extent e : extents()) {
    out.push_back(testing::random_plane<std::uint16_t>(e, 1));
    out.emplace_back(e, std::uint16_t{65535});
  }
  return out;
}

std::string named(Extent e, int factor) {
  return std::to_string(e.width) + " x " + std::to_string(e.height) + ", factor " + std::to_string(factor);
}

Pixels shrunk_by_cpu(const Pixels& src, int factor) {
  Pixels out(shrunk_extent(src.extent(), factor), 1);
  shrink(CpuQueue{}, src.view(), out.view(), factor);
  return out;
}

Labels enlarged_by_cpu(const Labels& src, Extent full, int factor) {
  Labels out(full, 0xdead);
  enlarge_labels(CpuQueue{}, src.view(), out.view(), factor);
  return out;
}

// Few labels for many ties, and few pixels of one label alone.
Labels coarse_labels(Extent full, int factor) {
  return testing::random_labels(shrunk_extent(full, factor), 3, 1, 5);
}

TEST(ShrinkPixel, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Pixels& src : images())
    for (const int factor : kFactors) {
      const Pixels want = shrunk_by_cpu(src, factor);
      testing::for_thread_counts([&] {
        Pixels got(want.extent(), 1);
        for_each_pixel(CpuQueue{}, got.extent(), detail::ShrinkPixel{src.view(), got.view(), factor});
        EXPECT_TRUE(same_pixels(want, got)) << named(src.extent(), factor);
      });
    }
}

TEST(EnlargeLabel, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Extent full : extents())
    for (const int factor : kFactors) {
      const Labels src = coarse_labels(full, factor), want = enlarged_by_cpu(src, full, factor);
      testing::for_thread_counts([&] {
        Labels got(full, 0xdead);
        for_each_pixel(CpuQueue{}, full, detail::EnlargeLabel{src.view(), got.view(), factor});
        EXPECT_TRUE(same_pixels(want, got)) << named(full, factor);
      });
    }
}

class ResampleTwins : public testing::QueueTest {};

TEST_P(ResampleTwins, OfShrinkingEqualTheCpuAndKeepToTheirWindows) {
  for (const Pixels& pixels : images())
    for (const int factor : kFactors) {
      const Pixels want = shrunk_by_cpu(pixels, factor);
      FramedOnQueue<std::uint16_t> src(queue(), pixels), dst(queue(), Pixels(want.extent(), 1));
      shrink(queue(), src.view(), dst.view(), factor);
      EXPECT_TRUE(same_pixels(want, dst.pixels())) << named(pixels.extent(), factor);
      EXPECT_TRUE(dst.surroundings_untouched()) << named(pixels.extent(), factor);
    }
}

TEST_P(ResampleTwins, OfEnlargingEqualTheCpuAndKeepToTheirWindows) {
  for (const Extent full : extents())
    for (const int factor : kFactors) {
      const Labels labels = coarse_labels(full, factor);
      FramedOnQueue<std::uint32_t> src(queue(), labels, 9u), dst(queue(), Labels(full, 0xdead));
      enlarge_labels(queue(), src.view(), dst.view(), factor);
      EXPECT_TRUE(same_pixels(enlarged_by_cpu(labels, full, factor), dst.pixels())) << named(full, factor);
      EXPECT_TRUE(dst.surroundings_untouched()) << named(full, factor);
    }
}

// Ties are rare: one at factor 6, on fine pixel (0, 1) of a coarse one. Across, the coarse pixels weigh 121, 166 and 1
// there, down 81, 198 and 9: label a has 121 * 81 + 121 * 198 + 1 * 198, label b 166 * 198 + 121 * 9, both 33957.
TEST_P(ResampleTwins, GiveTiesToTheLowerLabel) {
  for (const auto& [a, b] : {std::pair{5u, 7u}, {7u, 5u}}) {
    Labels coarse({3, 3});
    const std::uint32_t labels[] = {a, 10, 11, a, b, a, b, 12, 13};
    std::copy_n(labels, 9, coarse.data());
    auto src = on_queue(coarse);
    auto dst = on_queue(Labels({18, 18}, 0));
    enlarge_labels(queue(), src.view(), dst.view(), 6);
    EXPECT_EQ(dst.pixels()(6, 7), 5u);
  }
}

TEST_P(ResampleTwins, TakeEmptyPlanes) {
  for (const Extent e : testing::kEmptyShapes) {
    EXPECT_NO_THROW(shrink(queue(), {nullptr, e, e.width}, {nullptr, shrunk_extent(e, 2), 1}, 2));
    EXPECT_NO_THROW(enlarge_labels(queue(), {nullptr, shrunk_extent(e, 2), 1}, {nullptr, e, e.width}, 2));
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, ResampleTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(ResampleOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  const Pixels image = testing::random_plane<std::uint16_t>({23, 17}, 3);
  const Labels labels = coarse_labels({23, 17}, 3);
  const Pixels small = shrunk_by_cpu(image, 3);
  const Labels large = enlarged_by_cpu(labels, {23, 17}, 3);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto shrunk = use.upload(Pixels(small.extent(), 0));
        const auto enlarged = use.upload(Labels(large.extent(), 0));
        shrink(use.queue(), use.upload(image), shrunk, 3);
        enlarge_labels(use.queue(), use.upload(labels), enlarged, 3);
        return same_pixels(small, use.download(shrunk)) && same_pixels(large, use.download(enlarged));
      },
      15);
}
#endif

}  // namespace
}  // namespace hexaplex
