#include "core/statistics/block_sample.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex::test {
namespace {

// Every value as often as its block counts, sorted.
std::vector<double> expanded(const std::vector<BlockValue>& values, const BlockCounts& counts) {
  std::vector<double> all;
  for (const BlockValue& v : values) all.insert(all.end(), counts[v.block], v.value);
  std::sort(all.begin(), all.end());
  return all;
}

class OfManySizes : public ::testing::TestWithParam<int> {};

TEST_P(OfManySizes, SharesAndQuantilesAreThoseOfTheValuesWrittenOut) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  constexpr std::uint32_t kBlocks = 7;
  std::vector<BlockValue> values;
  for (std::uint32_t b = 0; b < kBlocks; ++b) values.push_back({0.5, b});  // none is empty
  for (int i = 0; i < GetParam(); ++i)
    values.push_back({static_cast<double>(random() % 40) / 8, static_cast<std::uint32_t>(random() % kBlocks)});
  const BlockSample sample(values);
  RandomStream stream(1);
  BlockCounts counts = sample.once();
  for (int draw = 0; draw < 20; ++draw) {
    const std::vector<double> all = expanded(values, counts);
    ASSERT_EQ(sample.count(counts), all.size());
    for (const double limit : {-1.0, 0.0, 0.5, 1.3, 2.5, 4.875, 9.0})
      EXPECT_EQ(sample.count_below(counts, limit),
                static_cast<std::uint64_t>(std::lower_bound(all.begin(), all.end(), limit) - all.begin()));
    for (const auto& [parts, of] : {std::pair{0, 1}, {1, 20}, {1, 2}, {199, 200}, {1, 1}})
      EXPECT_EQ(sample.quantile(counts, static_cast<std::uint64_t>(parts), static_cast<std::uint64_t>(of)),
                all[(all.size() - 1) * static_cast<std::size_t>(parts) / static_cast<std::size_t>(of)]);
    sample.draw(stream, kBlocks - 1, counts);
    std::uint32_t drawn = 0;
    for (const std::uint32_t c : counts) drawn += c;
    EXPECT_EQ(drawn, kBlocks - 1);
  }
}

INSTANTIATE_TEST_SUITE_P(BlockSample, OfManySizes, ::testing::Values(0, 1, 5, 249, 250, 256, 257, 1000, 5000));

TEST(BlockSample, NumbersOfBlocksMayHaveGaps) {
  const BlockSample sample({{1, 900}, {2, 3}, {3, 900}});
  EXPECT_EQ(sample.blocks(), 2u);
  EXPECT_EQ(sample.quantile({0, 1}, 1, 1), 3);  // block 900 is the second
  EXPECT_EQ(sample.quantile({1, 0}, 1, 2), 2);
}

TEST(BlockSample, EffectiveBlocksAreThoseOfEqualSize) {
  EXPECT_EQ(BlockSample({{1, 0}, {1, 1}, {1, 2}, {1, 3}}).effective_blocks(), 4);
  EXPECT_DOUBLE_EQ(BlockSample({{1, 0}, {1, 0}, {1, 0}, {1, 1}}).effective_blocks(), 16.0 / 10);
}

TEST(BlockSample, RefusesWhatIsNoSample) {
  EXPECT_THROW(BlockSample({}), InvalidArgument);
  EXPECT_THROW(BlockSample({{std::numeric_limits<double>::quiet_NaN(), 0}}), InvalidArgument);
  const BlockSample sample({{1, 0}});
  EXPECT_THROW(sample.quantile({0}, 1, 2), InvalidArgument);
  EXPECT_THROW(sample.quantile({1, 1}, 1, 2), InvalidArgument);
  EXPECT_THROW(sample.quantile({1}, 3, 2), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex::test
