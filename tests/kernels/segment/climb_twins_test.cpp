#include <gtest/gtest.h>

#include "kernels/runtime/error.h"
#include "kernels/segment/basins_chain.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/climb_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/labels.h"
#include "tests/support/landscapes.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The CPU's operators are held against brute force in climb_test.cpp; here the others are held against the CPU's.

namespace hexaplex {
namespace {

using testing::crop;
using testing::for_thread_counts;
using testing::Labels;
using testing::Mask;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;
using Pointers = HostPlane<std::uint8_t>;

struct Case {
  std::string name;
  Pixels landscape;
  Mask mask;
};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (auto& [name, land] : testing::hard_landscapes()) {
    const Extent e = land.extent();
    out.push_back({name + ", with holes", land.copy(), testing::random_mask(e, 0.8, 3)});
    out.push_back({name, std::move(land), Mask(e, 1)});
  }
  for (const Extent e : testing::kEdgeShapes)
    for (unsigned count : {2u, 60000u})
      out.push_back({"random " + std::to_string(e.width) + " x " + std::to_string(e.height),
                     testing::levels(e, count, 7), testing::random_mask(e, 0.9, 8)});
  // Sizes around the tiles of both operators.
  constexpr int kSide = detail::BasinTile::kSide, kWide = detail::ClimbStrips::kTileWidth;
  for (const Extent e : {Extent{kSide - 1, kSide + 1}, Extent{kSide, kSide}, Extent{kSide + 1, kSide},
                         Extent{2 * kSide + 1, 127}, Extent{kWide - 1, 31},
                         Extent{kWide, 2 * detail::ClimbStrips::kTileHeight}, Extent{kWide + 9, 61}, Extent{17, 300}})
    for (unsigned count : {2u, 900u, 65536u})
      out.push_back({"tiles of " + std::to_string(e.width) + " x " + std::to_string(e.height),
                     testing::levels(e, count, 9), testing::random_mask(e, 0.85, 10)});
  for (const bool inwards : {true, false})
    out.push_back(
        {"a spiral over many tiles", testing::spiral(3 * kSide + 7, inwards), Mask({3 * kSide + 7, 3 * kSide + 7}, 1)});
  const Extent wide{4 * kSide + 3, 2 * kSide + 5};
  out.push_back({"a wide plateau", Pixels(wide, 65535), Mask(wide, 1)});
  out.push_back({"nothing to climb", testing::levels({40, 30}, 9, 1), Mask({40, 30}, 0)});
  return out;
}

struct Basins {
  Pointers pointers;
  Labels labels;
  HostVector<std::int64_t> roots;
};

Basins by_cpu(const Case& c) {
  Basins out{Pointers(c.mask.extent(), 77), Labels(c.mask.extent(), 0xdead), {}};
  climb_pointers(CpuQueue{}, c.landscape.view(), c.mask.view(), out.pointers.view());
  out.roots = label_basins(CpuQueue{}, out.pointers.view(), out.labels.view());
  return out;
}

TEST(ClimbChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Case& c : cases()) {
    const Basins want = by_cpu(c);
    for_thread_counts([&] {
      Basins got{Pointers(c.mask.extent(), 77), Labels(c.mask.extent(), 0xdead), {}};
      detail::climb_pointers_chain(CpuQueue{}, c.landscape.view(), c.mask.view(), got.pointers.view());
      got.roots = detail::label_basins_chain(CpuQueue{}, got.pointers.view(), got.labels.view());
      EXPECT_TRUE(same_pixels(want.pointers, got.pointers)) << c.name;
      EXPECT_TRUE(same_pixels(want.labels, got.labels)) << c.name;
      EXPECT_EQ(want.roots, got.roots) << c.name;
    });
  }
}

/// Pointers that are paths over every pixel, of which the longest in a tile has all its pixels.
std::vector<std::pair<std::string, Pointers>> long_paths() {
  std::vector<std::pair<std::string, Pointers>> out;
  constexpr int kSide = detail::BasinTile::kSide;
  for (const Extent e : {Extent{kSide, kSide}, Extent{3 * kSide + 1, 2 * kSide + 9}, Extent{1, 400}, Extent{400, 1}}) {
    Pointers forth(e), back(e), up(e), left(e), corner(e);
    for (int y = 0; y < e.height; ++y)
      for (int x = 0; x < e.width; ++x) {
        const bool right = y % 2 == 0, end = x == (right ? e.width - 1 : 0), begin = x == (right ? 0 : e.width - 1);
        forth(x, y) = !end ? (right ? 5 : 3) : y + 1 < e.height ? 7 : kClimbRoot;
        back(x, y) = !begin ? (right ? 3 : 5) : y > 0 ? 1 : kClimbRoot;
        up(x, y) = y > 0 ? 1 : kClimbRoot;
        left(x, y) = x > 0 ? 3 : kClimbRoot;
        corner(x, y) = x > 0 && y > 0 ? 0 : kClimbRoot;
      }
    out.emplace_back("back and forth", std::move(forth));
    out.emplace_back("forth and back", std::move(back));
    out.emplace_back("up", std::move(up));
    out.emplace_back("left", std::move(left));
    out.emplace_back("corner", std::move(corner));
  }
  return out;
}

TEST(BasinsChain, FollowsLongPathsOnAnyNumberOfThreads) {
  for (const auto& [name, pointers] : long_paths()) {
    Labels want(pointers.extent(), 7);
    const auto roots = label_basins(CpuQueue{}, pointers.view(), want.view());
    for_thread_counts([&] {
      testing::Framed<std::uint32_t> got(Labels(pointers.extent(), 8));
      EXPECT_EQ(roots, detail::label_basins_chain(CpuQueue{}, pointers.view(), got.view())) << name;
      EXPECT_TRUE(same_pixels(want, got.pixels())) << name;
      EXPECT_TRUE(got.surroundings_untouched()) << name;
    });
  }
}

class ClimbTwins : public testing::QueueTest {};

TEST_P(ClimbTwins, EqualTheCpu) {
  for (const Case& c : cases()) {
    const Basins want = by_cpu(c);
    auto landscape = on_queue(c.landscape);
    auto mask = on_queue(c.mask);
    auto pointers = on_queue(Pointers(c.mask.extent(), 77));
    auto labels = on_queue(Labels(c.mask.extent(), 0xdead));
    climb_pointers(queue(), landscape.view(), mask.view(), pointers.view());
    EXPECT_EQ(want.roots, label_basins(queue(), pointers.view(), labels.view())) << c.name;
    EXPECT_TRUE(same_pixels(want.pointers, pointers.pixels())) << c.name;
    EXPECT_TRUE(same_pixels(want.labels, labels.pixels())) << c.name;
  }
}

TEST_P(ClimbTwins, FollowLongPathsAndCountThem) {
  for (const auto& [name, pixels] : long_paths()) {
    Labels want(pixels.extent(), 7);
    const auto roots = label_basins(CpuQueue{}, pixels.view(), want.view());
    auto pointers = on_queue(pixels);
    auto labels = on_queue(Labels(pixels.extent(), 8)), again = on_queue(Labels(pixels.extent(), 9));
    EXPECT_EQ(roots, label_basins(queue(), pointers.view(), labels.view())) << name;
    EXPECT_TRUE(same_pixels(want, labels.pixels())) << name;
    EXPECT_EQ(roots.size(), number_basins(queue(), pointers.view(), again.view())) << name;
    EXPECT_TRUE(same_pixels(want, again.pixels())) << name;
  }
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_EQ(number_basins(queue(), {nullptr, e, e.width}, {nullptr, e, e.width}), 0u);
}

TEST_P(ClimbTwins, KeepToTheirWindows) {
  const Rect window{7, 5, 33, 29};
  const Case whole{"", testing::levels({61, 47}, 50, 5), testing::random_mask({61, 47}, 0.9, 6)};
  const Basins want = by_cpu({"", crop(whole.landscape, window), crop(whole.mask, window)});
  auto landscape = on_queue(whole.landscape);
  auto mask = on_queue(whole.mask);
  auto pointers = on_queue(Pointers(whole.mask.extent(), 77));
  auto labels = on_queue(Labels(whole.mask.extent(), 0xdead));
  const Plane<std::uint8_t> inner = pointers.view().window(window);
  climb_pointers(queue(), landscape.view().window(window), mask.view().window(window), inner);
  label_basins(queue(), inner, labels.view().window(window));
  Pointers pointers_around = pointers.pixels();
  Labels labels_around = labels.pixels();
  EXPECT_TRUE(same_pixels(want.pointers, crop(pointers_around, window)));
  EXPECT_TRUE(same_pixels(want.labels, crop(labels_around, window)));
  for (int y = window.y; y < window.bottom(); ++y)
    for (int x = window.x; x < window.right(); ++x) pointers_around(x, y) = 77, labels_around(x, y) = 0xdead;
  EXPECT_TRUE(same_pixels(Pointers(whole.mask.extent(), 77), pointers_around));
  EXPECT_TRUE(same_pixels(Labels(whole.mask.extent(), 0xdead), labels_around));
}

INSTANTIATE_TEST_SUITE_P(Queues, ClimbTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(ClimbOnDevice, EndsInATypedErrorOrTheRightLabelsWhicheverCallFails) {
  const Case c{"", testing::levels({23, 17}, 40, 2), testing::random_mask({23, 17}, 0.9, 4)};
  const Basins want = by_cpu(c);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const Queue q = use.queue();
        const auto landscape = use.upload(c.landscape);
        const auto mask = use.upload(c.mask);
        const auto pointers = use.upload(Pointers(c.mask.extent(), 77));
        const auto labels = use.upload(Labels(c.mask.extent(), 0));
        climb_pointers(q, landscape, mask, pointers);
        const auto roots = label_basins(q, pointers, labels);
        return roots == want.roots && same_pixels(want.labels, use.download(labels));
      },
      30);
}
#endif

}  // namespace
}  // namespace hexaplex
