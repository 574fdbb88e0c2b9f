#include "kernels/runtime/for_each_block.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
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

// Bits of numbers, 32 numbers at a time, and the number of the numbers' threads.
struct Transpose {
  static constexpr int kThreads = 96;
  struct Shared {
    std::uint32_t words[6][3][2];
  };
  const std::uint32_t* values;
  std::uint32_t* words;

  HX_HD void operator()(const Block<kThreads>& block, Shared& shared) const {
    PerThread<int, kThreads> seen;
    block.each_thread([&](int t) { seen[t] = 0; });
    block.each_vote<2>(
        6,
        [&](int t, int round) {
          return values[(block.index * 6 + round) * kThreads + t] + static_cast<std::uint32_t>(4 * seen[t]++);
        },
        [&](int warp, int round, const std::uint32_t(&found)[2]) {
          for (int k = 0; k < 2; ++k) shared.words[round][warp][k] = found[k];
        });
    block.each_thread([&](int t) {
      if (t < 36) words[block.index * 37 + t] = shared.words[t / 6][t / 2 % 3][t % 2];
      if (t == 95) words[block.index * 37 + 36] = static_cast<std::uint32_t>(seen[t]);
    });
  }
};

TEST(ForEachBlock, VotesGatherBitsOfWarpsRoundByRound) {
  constexpr int kBlocks = 7;
  std::vector<std::uint32_t> values(kBlocks * 6 * 96), words(kBlocks * 37);
  std::mt19937 random(5);
  for (std::uint32_t& v : values) v = static_cast<std::uint32_t>(random()) % 4;
  for_each_block(CpuQueue{}, kBlocks, Transpose{values.data(), words.data()}, "");
  for (int b = 0; b < kBlocks; ++b) {
    for (int i = 0; i < 36 * 32; ++i) {
      const int lane = i % 32, k = i / 32 % 2, warp = i / 64 % 3, round = i / 192;
      ASSERT_EQ(words[b * 37 + i / 32] >> lane & 1, values[(b * 6 + round) * 96 + warp * 32 + lane] >> k & 1);
    }
    EXPECT_EQ(words[b * 37 + 36], 6u);
  }
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
