#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/segment/parts.h"
#include "kernels/segment/parts_chain.h"
#include "kernels/segment/relabel_chain.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/labels.h"
#include "tests/support/landscapes.h"
#include "tests/support/pixels.h"

// keep_largest_parts of the CPU is held against flood filling in parts_test.cpp; here, on sizes and shapes that are
// hard on tiles, the others are held against it.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::Labels;
using testing::random_labels;
using testing::same_pixels;

constexpr int kSide = detail::PartForest::kWidth;

struct Case {
  std::string name;
  Labels labels;
};

template <class F>
Labels drawn(Extent e, F label) {
  Labels out(e);
  for (int y = 0; y < e.height; ++y)
    for (int x = 0; x < e.width; ++x) out(x, y) = static_cast<std::uint32_t>(label(x, y));
  return out;
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const Extent e : {Extent{kSide - 1, kSide + 1}, Extent{kSide, kSide}, Extent{kSide + 1, kSide}, Extent{31, 130},
                         Extent{2 * kSide + 1, 33}, Extent{3 * kSide + 32, 2}, Extent{1, 200}, Extent{223, 190}})
    for (const std::uint32_t most : {1u, 2u, 300u})
      for (const int grain : {1, 2, 11})
        out.push_back({"random, " + std::to_string(most) + " labels", random_labels(e, most, grain, 4)});
  const Extent e{3 * kSide + 5, 2 * kSide + 7};
  out.push_back({"one", Labels(e, 1)});
  out.push_back({"background", Labels(e, 0)});
  out.push_back({"checkerboard of two", drawn(e, [](int x, int y) { return 1 + (x + y) % 2; })});
  out.push_back({"a label a pixel", drawn(e, [&](int x, int y) { return e.area() - (y * e.width + x); })});
  out.push_back({"comb, joined below", drawn(e, [&](int x, int y) { return x % 2 == 0 || y == e.height - 1; })});
  out.push_back({"comb in a comb", drawn(e, [&](int x, int y) {
                   return y == e.height - 1 ? 3 : y == 0 ? 8 : x % 2 == 0 ? 3 : 8;
                 })});
  out.push_back({"rows", drawn(e, [](int, int y) { return 1 + y % 2; })});
  out.push_back({"rings", drawn(e, [&](int x, int y) {
                   return 1 + std::min({x, y, e.width - 1 - x, e.height - 1 - y}) % 3;
                 })});
  const HostPlane<std::uint16_t> ridge = testing::spiral(3 * kSide + 3, true);
  out.push_back({"spiral", drawn(ridge.extent(), [&](int x, int y) { return ridge(x, y) != 0 ? 2 : 5; })});
  // Equal parts of one label in several tiles, of which the first in raster order lies in the second tile.
  Labels equal(e, 0);
  equal(kSide + 3, 0) = equal(kSide + 4, 0) = 6, equal(2, 1) = equal(3, 1) = 6, equal(1, kSide) = equal(2, kSide) = 6;
  out.push_back({"equal parts", std::move(equal)});
  return out;
}

TEST(PartsTiles, EqualTheCpuOnAnyNumberOfThreads) {
  for (const auto& [name, labels] : cases())
    for (const double smallest : {0.0, 2.0, 40.0, 3000.0}) {
      Labels want = labels.copy();
      const std::uint32_t count = keep_largest_parts(CpuQueue{}, want.view(), smallest);
      for (const int threads : {1, 3}) {
        set_cpu_threads(threads);
        testing::Framed<std::uint32_t> got(labels);
        EXPECT_EQ(count, detail::keep_largest_parts_chain(CpuQueue{}, got.view(), smallest)) << name;
        EXPECT_TRUE(same_pixels(want, got.pixels())) << name << ", smallest " << smallest;
        EXPECT_TRUE(got.surroundings_untouched()) << name;
      }
      set_cpu_threads(0);
    }
}

class PartsTwins : public testing::QueueTest {};

TEST_P(PartsTwins, EqualTheCpuWhetherTheHighestLabelIsKnownOrNot) {
  for (const auto& [name, labels] : cases()) {
    Labels want = labels.copy();
    const std::uint32_t count = keep_largest_parts(CpuQueue{}, want.view(), 3);
    const std::uint32_t highest = testing::highest_label(labels);
    FramedOnQueue<std::uint32_t> framed(queue(), labels);
    EXPECT_EQ(highest_label(queue(), framed.view()), highest) << name;
    EXPECT_EQ(count, keep_largest_parts(queue(), framed.view(), 3)) << name;
    EXPECT_TRUE(same_pixels(want, framed.pixels())) << name;
    EXPECT_TRUE(framed.surroundings_untouched()) << name;
    for (const std::uint32_t bound : {highest, highest + 100}) {
      auto got = on_queue(labels);
      EXPECT_EQ(count, keep_largest_parts(queue(), got.view(), 3, bound)) << name;
      EXPECT_TRUE(same_pixels(want, got.pixels())) << name;
    }
  }
}

TEST_P(PartsTwins, RenameWholeTilesAndTheirRests) {
  for (const Extent e : {Extent{kSide, kSide}, Extent{kSide + 1, 2 * kSide - 1}, Extent{1, 99}, Extent{300, 3}}) {
    const Labels labels = random_labels(e, 9, 2, 3);
    const Labels names = drawn({10, 1}, [](int x, int) { return 7 * x * x; });
    const Labels want = drawn(e, [&](int x, int y) { return names(static_cast<int>(labels(x, y)), 0); });
    FramedOnQueue<std::uint32_t> got(queue(), labels);
    auto table = on_queue(names);
    rename_labels(queue(), got.view(), {table.view().data, 10});
    EXPECT_TRUE(same_pixels(want, got.pixels()));
    EXPECT_TRUE(got.surroundings_untouched());
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, PartsTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

}  // namespace
}  // namespace hexaplex
