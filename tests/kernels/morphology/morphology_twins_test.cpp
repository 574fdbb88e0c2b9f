#include <gtest/gtest.h>

#include "kernels/morphology/dilate_square_chain.h"
#include "kernels/morphology/open_mask_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"

// The CPU's operators are held against brute force in tests of their own; here the others are held against the CPU's.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::Mask;
using testing::same_pixels;

std::vector<Mask> masks() {
  std::vector<Mask> out;
  for (const Extent e : testing::kEdgeShapes)
    for (const double density : {0.0, 0.01, 0.5, 0.93, 1.0}) out.push_back(testing::random_mask(e, density, 1));
  // About the sides of words and tiles: 512 by 32 pixels.
  for (const Extent e : {Extent{31, 33}, {32, 32}, {33, 31}, {511, 5}, {512, 34}, {513, 65}, {1056, 3}})
    for (const double density : {0.02, 0.97}) out.push_back(testing::random_mask(e, density, 2));
  // Wide solid parts with holes far apart, for large radii, across tiles.
  for (const double density : {0.9985, 0.9997}) out.push_back(testing::random_mask({1100, 140}, density, 3));
  Mask comb({130, 70}), checks({70, 40});
  for (int y = 0; y < 70; ++y)
    for (int x = 0; x < 130; ++x) comb(x, y) = y < 9 || x % 11 < 5 ? 1 : 0;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 70; ++x) checks(x, y) = (x + y) % 2;
  out.push_back(std::move(comb));
  out.push_back(std::move(checks));
  Mask corners({90, 70}, 0), holes({90, 70}, 1), discs({200, 160}, 0);
  corners(0, 0) = corners(89, 0) = corners(0, 69) = corners(89, 69) = 1;
  holes(0, 0) = holes(44, 35) = holes(89, 69) = 0;
  for (int y = 0; y < 160; ++y)
    for (int x = 0; x < 200; ++x) {
      const int dx = x % 50 - 25, dy = y % 40 - 20;
      discs(x, y) = dx * dx + dy * dy <= 6 * (x / 50) * (y / 40 + 1) * 8 ? 1 : 0;
    }
  out.push_back(std::move(corners));
  out.push_back(std::move(holes));
  out.push_back(std::move(discs));
  return out;
}

constexpr int kSquares[] = {0, 1, 2, 4, 5, 13, 31, 32, 33, 60, 1024};
constexpr int kDiamonds[] = {0, 1, 2, 3, 16, 17, 33, 64};

std::string named(const Mask& mask, int radius) {
  return std::to_string(mask.width()) + " x " + std::to_string(mask.height()) + ", radius " + std::to_string(radius);
}

Mask dilated_by_cpu(const Mask& src, int radius) {
  Mask out(src.extent(), 7);
  dilate_square(CpuQueue{}, src.view(), out.view(), radius);
  return out;
}

Mask opened_by_cpu(const Mask& src, int radius) {
  Mask out = src.copy();
  open_mask(CpuQueue{}, out.view(), radius);
  return out;
}

TEST(DilateSquareChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Mask& src : masks())
    for (const int radius : kSquares) {
      const Mask want = dilated_by_cpu(src, radius);
      testing::for_thread_counts([&] {
        Mask got(src.extent(), 7);
        detail::dilate_square_chain(CpuQueue{}, src.view(), got.view(), radius);
        EXPECT_TRUE(same_pixels(want, got)) << named(src, radius);
      });
    }
}

// The bits of every word of sixteen pixels, and back.
TEST(PackedMask, PacksAndUnpacksEveryPattern) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const Words<4> pixels = detail::unpacked_pixels(bits);
    for (int i = 0; i < 16; ++i) ASSERT_EQ(value_in<std::uint8_t>(pixels.at, i), bits >> i & 1u) << bits;
    ASSERT_EQ(detail::packed_bits(pixels), bits);
  }
}

TEST(OpenMaskChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Mask& src : masks())
    for (const int radius : kDiamonds) {
      const Mask want = opened_by_cpu(src, radius);
      testing::for_thread_counts([&] {
        Mask got = src.copy();
        detail::open_mask_chain(CpuQueue{}, got.view(), radius);
        EXPECT_TRUE(same_pixels(want, got)) << named(src, radius);
      });
    }
}

class MorphologyTwins : public testing::QueueTest {};

TEST_P(MorphologyTwins, OfSquaresEqualTheCpuAndKeepToTheirWindows) {
  for (const Mask& pixels : masks())
    for (const int radius : kSquares) {
      FramedOnQueue<std::uint8_t> src(queue(), pixels, std::uint8_t{1}), dst(queue(), Mask(pixels.extent(), 7));
      dilate_square(queue(), src.view(), dst.view(), radius);
      EXPECT_TRUE(same_pixels(dilated_by_cpu(pixels, radius), dst.pixels())) << named(pixels, radius);
      EXPECT_TRUE(dst.surroundings_untouched()) << named(pixels, radius);
    }
}

TEST_P(MorphologyTwins, OfDiamondsEqualTheCpuAndKeepToTheirWindows) {
  for (const Mask& pixels : masks())
    for (const int radius : kDiamonds) {
      const Mask want = opened_by_cpu(pixels, radius);
      for (const std::uint8_t around : {0, 1}) {
        FramedOnQueue<std::uint8_t> mask(queue(), pixels, around);
        open_mask(queue(), mask.view(), radius);
        EXPECT_TRUE(same_pixels(want, mask.pixels())) << named(pixels, radius);
        EXPECT_TRUE(mask.surroundings_untouched()) << named(pixels, radius);
      }
    }
}

// Rows that begin at whole runs of pixels, unlike those of the windows above.
TEST_P(MorphologyTwins, EqualTheCpuOnPlanesOfTheirOwn) {
  for (const Mask& pixels : masks())
    for (const int radius : {1, 5, 17}) {
      auto src = on_queue(pixels), opened = on_queue(pixels), dilated = on_queue(Mask(pixels.extent(), 7));
      dilate_square(queue(), src.view(), dilated.view(), radius);
      open_mask(queue(), opened.view(), radius);
      EXPECT_TRUE(same_pixels(dilated_by_cpu(pixels, radius), dilated.pixels())) << named(pixels, radius);
      EXPECT_TRUE(same_pixels(opened_by_cpu(pixels, radius), opened.pixels())) << named(pixels, radius);
    }
}

TEST_P(MorphologyTwins, TakeEmptyPlanes) {
  for (const Extent e : testing::kEmptyShapes) {
    EXPECT_NO_THROW(dilate_square(queue(), {nullptr, e, e.width}, {nullptr, e, e.width}, 2));
    EXPECT_NO_THROW(open_mask(queue(), {nullptr, e, e.width}, 2));
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, MorphologyTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(MorphologyOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  const Mask src = testing::random_mask({23, 17}, 0.9, 3);
  const Mask want = dilated_by_cpu(opened_by_cpu(src, 2), 1);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto mask = use.upload(src);
        const auto dst = use.upload(Mask(src.extent(), 0));
        open_mask(use.queue(), mask, 2);
        dilate_square(use.queue(), mask, dst, 1);
        return same_pixels(want, use.download(dst));
      },
      18);
}
#endif

}  // namespace
}  // namespace hexaplex
