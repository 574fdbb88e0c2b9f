#include "kernels/runtime/wide_access.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace hexaplex {
namespace {

// n values from every place of a row, as many of them as there may be: the same as one by one, and no others written.
template <class T, int n>
void expect_runs_of() {
  alignas(16) T row[4 * n + 16], copy[4 * n + 16];
  for (std::size_t i = 0; i < std::size(row); ++i) row[i] = static_cast<T>(static_cast<int>(i) * 77 - 900);
  for (int start = 0; start < 16; ++start)
    for (int count = -1; count <= n + 2; ++count) {
      T values[n];
      std::fill_n(values, n, T(5));
      load_run(row + start, count, values);
      for (int i = 0; i < n; ++i) ASSERT_EQ(values[i], i < count ? row[start + i] : T(5)) << start << ", " << count;
      std::fill(std::begin(copy), std::end(copy), T(9));
      for (int i = 0; i < n; ++i) values[i] = row[i];
      store_run(copy + start, count, values);
      for (int i = 0; i < static_cast<int>(std::size(copy)); ++i) {
        const bool written = i >= start && i < start + std::min(count, n);
        ASSERT_EQ(copy[i], written ? row[i - start] : T(9)) << start << ", " << count << ", " << i;
      }
    }
}

TEST(WideAccess, MovesRunsOfEveryKindFromAndToEveryPlace) {
  expect_runs_of<std::uint8_t, 8>();
  expect_runs_of<std::uint8_t, 16>();
  expect_runs_of<std::uint16_t, 8>();
  expect_runs_of<std::int16_t, 8>();
  expect_runs_of<std::uint32_t, 4>();
  expect_runs_of<std::int32_t, 8>();
  expect_runs_of<float, 8>();
}

TEST(WideAccess, StoresEightPixelsFromFourWords) {
  const Words<4> pixels{{0x00020001u, 0x80000003u, 0xffff0000u, 0x12345678u}};
  const std::uint16_t want[8] = {1, 2, 3, 0x8000, 0, 0xffff, 0x5678, 0x1234};
  alignas(16) std::uint16_t row[24];
  for (int start = 0; start < 16; ++start)
    for (int count = 0; count <= 9; ++count) {
      std::fill(std::begin(row), std::end(row), std::uint16_t{9});
      store_eight(row + start, pixels, count);
      for (int i = 0; i < 24; ++i)
        ASSERT_EQ(row[i], i >= start && i < start + std::min(count, 8) ? want[i - start] : 9) << start << ", " << count;
    }
}

TEST(WideAccess, CoversImagesByRuns) {
  EXPECT_EQ(runs_of({0, 3}, 8), (Extent{0, 3}));
  EXPECT_EQ(runs_of({8, 3}, 8), (Extent{1, 3}));
  EXPECT_EQ(runs_of({9, 3}, 8), (Extent{2, 3}));
}

}  // namespace
}  // namespace hexaplex
