#include "kernels/runtime/scan.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "kernels/runtime/atomics.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

TEST(Scan, SumsWhatComesBeforeForAnyLength) {
  std::mt19937 random(1);
  for (const std::int64_t count : {1, 2, 15, 16, 17, 4095, 4096, 4097, 300000}) {
    std::vector<std::uint32_t> values(static_cast<std::size_t>(count));
    for (auto& v : values) v = random() % 10000;
    std::vector<std::uint32_t> want(values.size());
    std::exclusive_scan(values.begin(), values.end(), want.begin(), 0u);
    const std::uint32_t sum = want.back() + values.back();
    testing::for_thread_counts([&] {
      std::vector<std::uint32_t> got = values;
      std::uint32_t total = 0xdead;
      exclusive_scan(CpuQueue{}, got.data(), count, &total);
      EXPECT_EQ(want, got) << count;
      EXPECT_EQ(sum, total) << count;
      got = values;
      exclusive_scan(CpuQueue{}, got.data(), count);
      EXPECT_EQ(want, got) << count;
    });
  }
}

TEST(Scan, OfNothingIsNothing) {
  std::uint32_t total = 7;
  exclusive_scan(CpuQueue{}, static_cast<std::uint32_t*>(nullptr), 0, &total);
  EXPECT_EQ(total, 0u);
  EXPECT_NO_THROW(exclusive_scan(CpuQueue{}, static_cast<std::uint32_t*>(nullptr), 0));
}

TEST(Atomics, LeaveTheSameWhateverTheThreads) {
  constexpr std::int64_t kCount = 100000;
  testing::for_thread_counts([&] {
    std::int64_t sum = 0;
    std::uint32_t least = 0xffffffffu, wins = 0, taken = 0;
    std::uint64_t most = 0;
    for_each_index(CpuQueue{}, kCount, [&](std::int64_t i) {
      const auto mixed = static_cast<std::uint32_t>((i * 2654435761u) % kCount);
      atomic_add(&sum, std::int64_t{mixed} - 5);
      atomic_min(&least, mixed + 3);
      atomic_max(&most, std::uint64_t{mixed} << 32);
      if (atomic_exchange_if(&taken, 0u, 1u) == 0) atomic_add(&wins, 1u);
    });
    EXPECT_EQ(sum, kCount * (kCount - 1) / 2 - 5 * kCount);
    EXPECT_EQ(least, 3u);
    EXPECT_EQ(most, std::uint64_t{kCount - 1} << 32);
    EXPECT_EQ(wins, 1u);
  });
}

}  // namespace
}  // namespace hexaplex
