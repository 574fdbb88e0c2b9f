#include <gtest/gtest.h>

#include "kernels/runtime/error.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/local_threshold_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/labels.h"
#include "tests/support/landscapes.h"

// The CPU's operators are held against their definition in local_threshold_test.cpp; here the others are held against
// the CPU's.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::Mask;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

struct Case {
  std::string name;
  Pixels src;
  LocalLevelParams params;
};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (auto& [name, image] : testing::hard_landscapes())
    for (const LocalLevelParams p : {LocalLevelParams{3, 0.45}, {29, 0}, {29, 1}, {61, 0.6}})
      out.push_back({name, image.copy(), p});
  for (const Extent e : testing::kEdgeShapes)
    for (const LocalLevelParams p : {LocalLevelParams{3, 0.45}, {14, 0.3}, {29, 0.45}, {120, 0.5}, {1024, 0.9}})
      out.push_back({std::to_string(e.width) + " x " + std::to_string(e.height), random_plane<std::uint16_t>(e, 1), p});
  // Every stride, about the sides of tiles: 256 pixels and 32 cells.
  for (const int window_px : {3, 14, 29, 61, 120, 300, 1024})
    for (const Extent e : {Extent{255, 33}, {256, 9}, {257, 66}, {7, 140}, {520, 67}})
      out.push_back({std::to_string(e.width) + " x " + std::to_string(e.height),
                     random_plane<std::uint16_t>(e, 3),
                     {window_px, 0.45}});
  return out;
}

std::string named(const Case& c) {
  return c.name + ", window " + std::to_string(c.params.window_px) + ", fraction " + std::to_string(c.params.fraction);
}

constexpr std::uint16_t kFloor = 9;

struct Thresholded {
  LevelGrid grid;
  Mask mask;
};

Thresholded by_cpu(const Case& c) {
  Thresholded out{local_level(CpuQueue{}, c.src.view(), c.params), Mask(c.src.extent(), 7)};
  above_level(CpuQueue{}, c.src.view(), out.grid, kFloor, out.mask.view());
  return out;
}

TEST(LevelAt, EqualsItsRow) {
  for (const Case& c : cases()) {
    const LevelGrid grid = local_level(CpuQueue{}, c.src.view(), c.params);
    HostPlane<std::uint32_t> want(c.src.extent()), got(c.src.extent());
    for (int y = 0; y < want.height(); ++y) {
      level_row(grid, y, want.width(), &want(0, y));
      for (int x = 0; x < want.width(); ++x) got(x, y) = detail::level_at(grid, x, y);
    }
    EXPECT_TRUE(same_pixels(want, got)) << named(c);
  }
}

TEST(LocalLevelChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Case& c : cases()) {
    const Thresholded want = by_cpu(c);
    testing::for_thread_counts([&] {
      LevelGrid got{want.grid.stride, Pixels(want.grid.level.extent(), 77)};
      detail::local_level_chain(CpuQueue{}, c.src.view(), c.params, got.level.view());
      EXPECT_TRUE(same_pixels(want.grid.level, got.level)) << named(c);
      Mask mask(c.src.extent(), 7);
      detail::above_level_chain(CpuQueue{}, c.src.view(), got, kFloor, mask.view());
      EXPECT_TRUE(same_pixels(want.mask, mask)) << named(c);
    });
  }
}

class LocalThresholdTwins : public testing::QueueTest {};

TEST_P(LocalThresholdTwins, EqualTheCpuAndKeepToTheirWindows) {
  for (const Case& c : cases()) {
    const Thresholded want = by_cpu(c);
    ASSERT_EQ(level_extent(c.src.extent(), c.params.window_px), want.grid.level.extent());
    FramedOnQueue<std::uint16_t> src(queue(), c.src), level(queue(), Pixels(want.grid.level.extent(), 77));
    FramedOnQueue<std::uint8_t> mask(queue(), Mask(c.src.extent(), 7));
    local_level(queue(), src.view(), c.params, level.view());
    above_level(queue(), src.view(), {want.grid.stride, level.view()}, kFloor, mask.view());
    EXPECT_TRUE(same_pixels(want.grid.level, level.pixels())) << named(c);
    EXPECT_TRUE(same_pixels(want.mask, mask.pixels())) << named(c);
    EXPECT_TRUE(level.surroundings_untouched() && mask.surroundings_untouched()) << named(c);
  }
}

// Rows that begin at whole runs of pixels, unlike those of the windows above.
TEST_P(LocalThresholdTwins, EqualTheCpuOnPlanesOfTheirOwn) {
  for (const Case& c : cases()) {
    const Thresholded want = by_cpu(c);
    auto src = on_queue(c.src), level = on_queue(Pixels(want.grid.level.extent(), 77));
    auto mask = on_queue(Mask(c.src.extent(), 7));
    local_level(queue(), src.view(), c.params, level.view());
    above_level(queue(), src.view(), {want.grid.stride, level.view()}, kFloor, mask.view());
    EXPECT_TRUE(same_pixels(want.grid.level, level.pixels())) << named(c);
    EXPECT_TRUE(same_pixels(want.mask, mask.pixels())) << named(c);
  }
}

// Grids that local_level does not make: of any stride, of extreme values, and of more cells than cover the image.
TEST_P(LocalThresholdTwins, EqualTheCpuOnGridsOfAnyStride) {
  for (const int stride : {1, 2, 3, 4, 5, 8, 12, 16, 32, 63, 64})
    for (const int more : {0, 2}) {
      const Pixels image = random_plane<std::uint16_t>({131, 70}, 5);
      const Extent cells{(131 + stride - 1) / stride + more, (70 + stride - 1) / stride + more};
      LevelGrid grid{stride, testing::levels(cells, 3, 6)};
      for (std::int64_t i = 0; i < cells.area(); ++i) grid.level.data()[i] = grid.level.data()[i] * 32767 + 1;
      Mask want(image.extent(), 7);
      above_level(CpuQueue{}, image.view(), grid, kFloor, want.view());
      auto src = on_queue(image), level = on_queue(grid.level);
      auto mask = on_queue(Mask(image.extent(), 7));
      above_level(queue(), src.view(), {stride, level.view()}, kFloor, mask.view());
      EXPECT_TRUE(same_pixels(want, mask.pixels())) << stride << ", cells " << cells.width;
    }
}

TEST_P(LocalThresholdTwins, TakeEmptyPlanes) {
  for (const Extent e : testing::kEmptyShapes) {
    const Extent cells = level_extent(e, 29);
    EXPECT_TRUE(cells.empty());
    EXPECT_NO_THROW(local_level(queue(), {nullptr, e, e.width}, {}, {nullptr, cells, cells.width}));
    EXPECT_NO_THROW(above_level(queue(), {nullptr, e, e.width}, {4, {}}, 0, {nullptr, e, e.width}));
  }
}

TEST_P(LocalThresholdTwins, RejectWhatTheirContractExcludes) {
  auto src = on_queue(Pixels({80, 60}, 1));
  auto level = on_queue(Pixels({20, 15}, 1)), other = on_queue(Pixels({20, 16}, 1));
  auto mask = on_queue(Mask({80, 60}, 1));
  EXPECT_THROW(local_level(queue(), src.view(), {29, 0.5}, other.view()), InvalidArgument);
  EXPECT_THROW(local_level(queue(), src.view(), {29, 1.5}, level.view()), InvalidArgument);
  EXPECT_THROW(local_level(queue(), src.view(), {2, 0.5}, level.view()), InvalidArgument);
  EXPECT_THROW(local_level(queue(), src.view(), {29, 0.5}, src.view().window({0, 0, 20, 15})), InvalidArgument);
  EXPECT_THROW(above_level(queue(), src.view(), {4, {}}, 0, mask.view()), InvalidArgument) << "no cells";
}

INSTANTIATE_TEST_SUITE_P(Queues, LocalThresholdTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(LocalThresholdOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  const Case c{"", random_plane<std::uint16_t>({31, 19}, 2), {29, 0.45}};
  const Thresholded want = by_cpu(c);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto src = use.upload(c.src);
        const auto level = use.upload(Pixels(want.grid.level.extent(), 0));
        const auto mask = use.upload(Mask(c.src.extent(), 0));
        local_level(use.queue(), src, c.params, level);
        above_level(use.queue(), src, {want.grid.stride, level}, kFloor, mask);
        return same_pixels(want.mask, use.download(mask));
      },
      25);
}
#endif

}  // namespace
}  // namespace hexaplex
