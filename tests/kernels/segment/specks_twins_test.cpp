#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kernels/segment/parts.h"
#include "kernels/segment/specks_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"

// drop_small_components of the CPU is held against flood filling in parts_test.cpp; here the others are held against
// it.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::Mask;
using testing::random_mask;
using testing::same_pixels;

constexpr int kTileWidth = detail::TileRim::kWidth, kTileHeight = detail::TileRim::kHeight;

struct Case {
  std::string name;
  Mask mask;
};

template <class F>
Mask drawn(Extent e, F belongs) {
  Mask out(e);
  for (int y = 0; y < e.height; ++y)
    for (int x = 0; x < e.width; ++x) out(x, y) = belongs(x, y) ? 1 : 0;
  return out;
}

/// One component, one pixel wide, that winds through every tile and ends in the middle.
Mask spiral(int side) {
  Mask out({side, side}, 0);
  int x = 0, y = 0, dx = 1, dy = 0;
  const auto free = [&](int px, int py) { return px >= 0 && py >= 0 && px < side && py < side && out(px, py) == 0; };
  const auto inside = [&](int px, int py) { return px >= 0 && py >= 0 && px < side && py < side; };
  out(0, 0) = 1;
  for (;;) {
    // Go on while the next pixel is free and the one behind it is not yet the spiral.
    const auto may = [&] {
      return free(x + dx, y + dy) && (!inside(x + 2 * dx, y + 2 * dy) || free(x + 2 * dx, y + 2 * dy));
    };
    if (!may()) {
      std::swap(dx, dy), dx = -dx;
      if (!may()) return out;
    }
    x += dx, y += dy;
    out(x, y) = 1;
  }
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const Extent e : testing::kEdgeShapes) out.push_back({"edge shape", random_mask(e, 0.6, 2)});
  // Sizes around one tile, two and more of them; 0.59: where a mask percolates, so that one component is a giant.
  for (const Extent e :
       {Extent{kTileWidth - 1, kTileHeight + 1}, Extent{kTileWidth, kTileHeight}, Extent{kTileWidth + 1, kTileHeight},
        Extent{kTileWidth, kTileHeight + 1}, Extent{2 * kTileWidth + 1, kTileHeight - 1},
        Extent{31, 3 * kTileHeight + 2}, Extent{3 * kTileWidth + 33, 2}, Extent{333, 222}})
    for (const double density : {0.03, 0.4, 0.59, 0.75, 0.97}) out.push_back({"random", random_mask(e, density, 4)});
  const Extent e{3 * kTileWidth + 5, 3 * kTileHeight + 7};
  out.push_back({"full", Mask(e, 1)});
  out.push_back({"empty", Mask(e, 0)});
  out.push_back({"checkerboard", drawn(e, [](int x, int y) { return (x + y) % 2 == 0; })});
  out.push_back({"comb, joined below", drawn(e, [&](int x, int y) { return x % 2 == 0 || y == e.height - 1; })});
  out.push_back({"comb, joined above", drawn(e, [&](int x, int y) { return x % 2 == 0 || y == 0; })});
  out.push_back({"comb, joined on the right", drawn(e, [&](int x, int y) { return y % 2 == 0 || x == e.width - 1; })});
  out.push_back({"teeth", drawn(e, [](int x, int) { return x % 2 == 0; })});
  out.push_back({"rows", drawn(e, [](int, int y) { return y % 2 == 0; })});
  out.push_back({"rings", drawn(e, [&](int x, int y) {
                   return std::min({x, y, e.width - 1 - x, e.height - 1 - y}) % 2 == 0;
                 })});
  out.push_back({"stairs", drawn(e, [](int x, int y) { return (x + y) / 2 % 2 == 0; })});
  // Pairs of pixels on both sides of the borders between tiles.
  out.push_back({"borders", drawn(e, [](int x, int y) {
                   return ((x + 1) % kTileWidth < 2 && y % 2 == 0) || ((y + 1) % kTileHeight < 2 && x % 3 == 0);
                 })});
  out.push_back({"spiral", spiral(2 * kTileWidth + 3)});
  return out;
}

std::vector<double> sizes(const Mask& mask) {
  const auto area = static_cast<double>(mask.extent().area());
  return {1, 2, 2.5, 5, 40, 1000, area / 2, area + 1};
}

TEST(SpecksChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const auto& [name, mask] : cases())
    for (const double smallest : sizes(mask))
      for (std::uint8_t value : {0, 1}) {
        Mask want = mask.copy();
        drop_small_components(CpuQueue{}, want.view(), value, smallest);
        for (const int threads : {1, 3}) {
          set_cpu_threads(threads);
          testing::Framed<std::uint8_t> got(mask);
          detail::drop_small_components_chain(CpuQueue{}, got.view(), value, smallest);
          EXPECT_TRUE(same_pixels(want, got.pixels())) << name << ", value " << +value << ", smallest " << smallest;
          EXPECT_TRUE(got.surroundings_untouched());
        }
        set_cpu_threads(0);
      }
}

class SpecksTwins : public testing::QueueTest {};

TEST_P(SpecksTwins, EqualTheCpuAndKeepToTheirWindows) {
  for (const auto& [name, mask] : cases())
    for (const double smallest : {2.0, 40.0, 1000.0})
      for (std::uint8_t value : {0, 1}) {
        Mask want = mask.copy();
        drop_small_components(CpuQueue{}, want.view(), value, smallest);
        auto got = on_queue(mask);  // rows that begin where wide loads may
        drop_small_components(queue(), got.view(), value, smallest);
        EXPECT_TRUE(same_pixels(want, got.pixels())) << name << ", value " << +value << ", smallest " << smallest;
        FramedOnQueue<std::uint8_t> framed(queue(), mask);
        drop_small_components(queue(), framed.view(), value, smallest);
        EXPECT_TRUE(same_pixels(want, framed.pixels())) << name << ", value " << +value << ", smallest " << smallest;
        EXPECT_TRUE(framed.surroundings_untouched());
      }
}

INSTANTIATE_TEST_SUITE_P(Queues, SpecksTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(SpecksOnDevice, EndInATypedErrorOrTheRightMaskWhicheverCallFails) {
  const Mask mask = random_mask({kTileWidth + 9, 17}, 0.5, 8);
  Mask want = mask.copy();
  drop_small_components(CpuQueue{}, want.view(), 1, 6);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto got = use.upload(mask);
        drop_small_components(use.queue(), got, 1, 6);
        return same_pixels(want, use.download(got));
      },
      16);
}
#endif

}  // namespace
}  // namespace hexaplex
