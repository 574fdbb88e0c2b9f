#include <gtest/gtest.h>

#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/filter/laplacian_of_gaussian_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/landscapes.h"

// The CPU's operator is held against its definition in laplacian_of_gaussian_test.cpp; here the others are held against
// the CPU's.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;
using Response = HostPlane<std::int16_t>;

struct Case {
  std::string name;
  Pixels src;
  double sigma_px;
};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (auto& [name, image] : testing::hard_landscapes())
    for (double sigma_px : {0.55, 1.5, 7.0}) out.push_back({name, image.copy(), sigma_px});
  for (const Extent e : testing::kEdgeShapes)
    for (double sigma_px : {0.55, 1.98, 24.3})
      out.push_back(
          {std::to_string(e.width) + " x " + std::to_string(e.height), random_plane<std::uint16_t>(e, 1), sigma_px});
  // Saturated rows: what makes the column sums largest.
  Pixels lines({33, 33}, 0);
  for (int y = 0; y < 33; ++y)
    for (int x = 0; x < 33; ++x) lines(x, y) = y / 2 % 2 == 0 ? 65535 : 0;
  for (double sigma_px : {0.55, 0.79, 0.8, 1.45, 1.5}) out.push_back({"stripes", lines.copy(), sigma_px});
  // A sigma for each form, and about the sides of tiles: 240, 224 and 208 by 16; 64 by 32; 512 by 4.
  const auto add = [&](Extent e, double sigma_px) {
    out.push_back(
        {std::to_string(e.width) + " x " + std::to_string(e.height), random_plane<std::uint16_t>(e, 4), sigma_px});
  };
  for (double sigma_px : {1.0, 1.1, 2.0, 2.1, 2.5, 2.6, 3.0, 3.1, 3.5, 3.6, 4.0, 4.1, 6.0, 6.1, 8.1})
    add({83, 41}, sigma_px);
  for (const int width : {207, 208, 209, 223, 225, 239, 241, 513})
    for (double sigma_px : {1.7, 3.0, 5.0, 6.3}) add({width, 3}, sigma_px);
  for (const int height : {15, 16, 17, 31, 33, 65})
    for (double sigma_px : {1.7, 3.4, 6.0, 9.0}) add({9, height}, sigma_px);
  out.push_back({"the largest radius", random_plane<std::uint16_t>({29, 17}, 2), kMaxBlobSigmaPx});
  return out;
}

std::string named(const Case& c) {
  return c.name + ", sigma " + std::to_string(c.sigma_px);
}

Response by_cpu(const Case& c) {
  Response out(c.src.extent(), 0x7bad);
  blob_response(CpuQueue{}, c.src.view(), out.view(), {c.sigma_px});
  return out;
}

TEST(BlobWeights, FillTheirTablesAtTheLargestSigma) {
  EXPECT_EQ(blob_halo({kMaxBlobSigmaPx}), kMaxBlobRadius);
  EXPECT_THROW(blob_row_weights(97, kMaxBlobRadius + 1), InvalidArgument);
  EXPECT_THROW(blob_row_weights(1, 0), InvalidArgument);
}

TEST(BlobResponseChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Case& c : cases()) {
    const Response want = by_cpu(c);
    testing::for_thread_counts([&] {
      Response got(c.src.extent(), 0x7bad);
      detail::blob_response_chain(CpuQueue{}, c.src.view(), got.view(), {c.sigma_px});
      EXPECT_TRUE(same_pixels(want, got)) << named(c);
    });
  }
}

// The definition in the header of the pixels, which no operator runs.
TEST(BlobResponseChain, EqualsItsDefinition) {
  const Pixels src = random_plane<std::uint16_t>({233, 71}, 2);
  for (double sigma_px : {0.55, 1.98, 2.97, 6.0, 6.1, 24.3}) {
    const int radius = blob_halo({sigma_px});
    HostPlane<std::uint16_t> smooth(src.extent());
    HostPlane<std::int32_t> second(src.extent());
    Response want(src.extent()), got(src.extent());
    for_each_pixel(
        CpuQueue{}, src.extent(),
        detail::BlobVertical{src.view(), smooth.view(), second.view(), blob_column_weights(sigma_px, radius)});
    for_each_pixel(
        CpuQueue{}, src.extent(),
        detail::BlobHorizontal{smooth.view(), second.view(), want.view(), blob_row_weights(sigma_px, radius)});
    detail::blob_response_chain(CpuQueue{}, src.view(), got.view(), {sigma_px});
    EXPECT_TRUE(same_pixels(want, got)) << sigma_px;
  }
}

class BlobResponseTwins : public testing::QueueTest {};

TEST_P(BlobResponseTwins, EqualTheCpuAndKeepToTheirWindows) {
  for (const Case& c : cases()) {
    FramedOnQueue<std::uint16_t> src(queue(), c.src);
    FramedOnQueue<std::int16_t> dst(queue(), Response(c.src.extent(), 0x7bad));
    blob_response(queue(), src.view(), dst.view(), {c.sigma_px});
    EXPECT_TRUE(same_pixels(by_cpu(c), dst.pixels())) << named(c);
    EXPECT_TRUE(dst.surroundings_untouched()) << named(c);
  }
}

// Rows that begin at whole runs of pixels, unlike those of the windows above.
TEST_P(BlobResponseTwins, EqualTheCpuOnPlanesOfTheirOwn) {
  for (const Case& c : cases()) {
    auto src = on_queue(c.src);
    auto dst = on_queue(Response(c.src.extent(), 0x7bad));
    blob_response(queue(), src.view(), dst.view(), {c.sigma_px});
    EXPECT_TRUE(same_pixels(by_cpu(c), dst.pixels())) << named(c);
  }
}

TEST_P(BlobResponseTwins, DoNothingToAnEmptyPlane) {
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(blob_response(queue(), {nullptr, e, e.width}, {nullptr, e, e.width}, {2}));
}

INSTANTIATE_TEST_SUITE_P(Queues, BlobResponseTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(BlobResponseOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  for (const double sigma_px : {1.5, 7.0}) {
    const Case c{"", random_plane<std::uint16_t>({23, 17}, 3), sigma_px};
    const Response want = by_cpu(c);
    testing::expect_right_answers_or_typed_errors(
        [&](testing::DeviceUse& use) {
          const auto src = use.upload(c.src);
          const auto dst = use.upload(Response(c.src.extent(), 0));
          blob_response(use.queue(), src, dst, {c.sigma_px});
          return same_pixels(want, use.download(dst));
        },
        sigma_px < 6 ? 9 : 12);
  }
}
#endif

}  // namespace
}  // namespace hexaplex
