#include <gtest/gtest.h>

#include "kernels/segment/expand.h"
#include "kernels/segment/expand_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"

// The CPU's operator is held against brute force in expand_test.cpp; here the others are held against the CPU's.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::Labels;
using testing::same_pixels;

struct Case {
  std::string name;
  Labels src;
  double distance_px;
};

// Single labelled pixels, the given share of them, up to the largest label there is.
Labels seeds(Extent e, double density, unsigned seed) {
  Labels out(e, 0);
  std::mt19937 random(seed);
  for (std::int64_t i = 0; i < e.area(); ++i)
    if (random() < density * 4294967296.0) out.data()[i] = 0xffffffffu - static_cast<std::uint32_t>(random()) % 5;
  return out;
}

std::vector<Case> cases() {
  std::vector<Case> out;
  const auto add = [&](const char* name, const Labels& src, std::initializer_list<double> distances) {
    for (const double d : distances) out.push_back({name, src.copy(), d});
  };
  for (const Extent e : testing::kEdgeShapes)
    for (const double density : {0.0, 0.01, 0.5, 1.0}) add("seeds", seeds(e, density, 1), {0, 1, 1.5, 2.999, 6.2, 254});
  add("blocks", testing::random_labels({97, 75}, 2, 9, 2), {1, 2.1, 12});
  add("sparse", seeds({300, 150}, 0.0003, 3), {18, 90.5, 254.9});
  // Sizes around the tile, and distances around the longest that it sees.
  constexpr int kWidth = detail::ExpandTile::kWidth, kHeight = detail::ExpandTile::kHeight;
  constexpr double kReach = detail::ExpandTile::kMostReach;
  for (const Extent e : {Extent{kWidth - 1, kHeight + 1}, Extent{kWidth, kHeight}, Extent{kWidth + 1, 2 * kHeight + 1},
                         Extent{2 * kWidth + 7, kHeight - 1}, Extent{5, 3 * kHeight}})
    for (const double density : {0.004, 0.05})
      add("tiles", seeds(e, density, 7), {0.5, 2.3, 4, kReach, kReach + 0.99, kReach + 1});
  add("single",
      [&] {
        Labels one({2 * kWidth, 2 * kHeight}, 0);
        one(kWidth, kHeight) = 0xffffffffu;
        return one;
      }(),
      {1, 5, kReach});
  // Ties from every side, the lower label last.
  Labels ring({41, 41}, 0);
  for (int i = 0; i < 41; ++i) {
    const auto label = static_cast<std::uint32_t>(200 - i);
    ring(i, 0) = label, ring(40 - i, 40) = label - 50, ring(0, 40 - i) = label - 100, ring(40, i) = label - 150;
  }
  add("ring", ring, {5, 20, 30});
  return out;
}

std::string named(const Case& c) {
  return c.name + " " + std::to_string(c.src.width()) + " x " + std::to_string(c.src.height()) + ", distance " +
         std::to_string(c.distance_px);
}

Labels by_cpu(const Case& c) {
  Labels out(c.src.extent(), 0xdead);
  expand_labels(CpuQueue{}, c.src.view(), out.view(), {c.distance_px});
  return out;
}

TEST(ExpandChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Case& c : cases()) {
    const Labels want = by_cpu(c);
    testing::for_thread_counts([&] {
      Labels got(c.src.extent(), 0xdead);
      detail::expand_labels_chain(CpuQueue{}, c.src.view(), got.view(), {c.distance_px});
      EXPECT_TRUE(same_pixels(want, got)) << named(c);
    });
  }
}

class ExpandTwins : public testing::QueueTest {};

TEST_P(ExpandTwins, EqualTheCpuAndKeepToTheirWindows) {
  for (const Case& c : cases()) {
    FramedOnQueue<std::uint32_t> src(queue(), c.src, 3u), dst(queue(), Labels(c.src.extent(), 0xdead));
    expand_labels(queue(), src.view(), dst.view(), {c.distance_px});
    EXPECT_TRUE(same_pixels(by_cpu(c), dst.pixels())) << named(c);
    EXPECT_TRUE(dst.surroundings_untouched()) << named(c);
  }
}

TEST_P(ExpandTwins, TakeEmptyPlanes) {
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(expand_labels(queue(), {nullptr, e, e.width}, {nullptr, e, e.width}, {3}));
}

INSTANTIATE_TEST_SUITE_P(Queues, ExpandTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(ExpandOnDevice, EndsInATypedErrorOrTheRightLabelsWhicheverCallFails) {
  const Case c{"", seeds({23, 17}, 0.02, 4), 4.5};
  const Labels want = by_cpu(c);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto src = use.upload(c.src);
        const auto dst = use.upload(Labels(c.src.extent(), 0));
        expand_labels(use.queue(), src, dst, {c.distance_px});
        return same_pixels(want, use.download(dst));
      },
      12);
}
#endif

}  // namespace
}  // namespace hexaplex
