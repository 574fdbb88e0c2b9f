#include "kernels/runtime/for_each_block.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/support/windows.h"

namespace hexaplex {
namespace {

// Turns each run of 64 values around; what a thread keeps for itself is there in the next phase.
struct Reverse {
  static constexpr int kThreads = 64;
  struct Shared {
    int values[kThreads];
  };
  int* values;

  HX_HD void operator()(const Block<kThreads>& block, Shared& shared) const {
    int* run = values + block.index * kThreads;
    PerThread<int, kThreads> own;
    block.each_thread([&](int t) {
      own[t] = 1000 * t;
      shared.values[t] = run[t];
    });
    block.each_thread([&](int t) { run[t] = shared.values[kThreads - 1 - t] + own[t]; });
  }
};

TEST(ForEachBlock, RunsEveryPhaseForAllThreadsBeforeTheNext) {
  testing::for_thread_counts([] {
    std::vector<int> values(64 * 37);
    std::iota(values.begin(), values.end(), 0);
    for_each_block(CpuQueue{}, 37, Reverse{values.data()}, "");
    for (int run = 0; run < 37; ++run)
      for (int t = 0; t < 64; ++t) ASSERT_EQ(values[run * 64 + t], run * 64 + 63 - t + 1000 * t);
  });
}

TEST(ForEachBlock, OfNothingIsNothing) {
  EXPECT_NO_THROW(for_each_block(CpuQueue{}, 0, Reverse{nullptr}, ""));
}

TEST(ForEachBlock, TilesCoverAnImageOnce) {
  for (const auto& [width, height] : {std::pair{1, 1}, {32, 8}, {33, 9}, {100, 70}}) {
    const BlockTiles tiles = BlockTiles::over(width, height, 32, 8);
    std::vector<int> seen(static_cast<std::size_t>(width) * height);
    for (std::int64_t b = 0; b < tiles.count(); ++b)
      for (int y = tiles.top(b); y < tiles.top(b) + 8 && y < height; ++y)
        for (int x = tiles.left(b); x < tiles.left(b) + 32 && x < width; ++x) ++seen[y * width + x];
    for (int times : seen) ASSERT_EQ(times, 1) << width << " x " << height;
  }
}

}  // namespace
}  // namespace hexaplex
