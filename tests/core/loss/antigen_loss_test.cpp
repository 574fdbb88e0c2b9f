#include "core/loss/antigen_loss.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/loss/block_likeness.h"
#include "core/statistics/few_blocks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"
#include "tests/support/core/normal_stream.h"
#include "tests/support/core/simulated_pairs.h"

namespace hexaplex::test {
namespace {

using ::testing::HasSubstr;

constexpr std::array<double, 3> kBins{0.2, 0.4, 0.6};

std::vector<BlockValue> cells_of(std::size_t blocks, double median, std::uint64_t seed, int each = 30) {
  NormalStream normal(seed);
  std::vector<BlockValue> cells;
  for (std::uint32_t b = 0; b < blocks; ++b) {
    const double step = 0.3 * normal.next();
    for (int i = 0; i < each; ++i) cells.push_back({median * exact_exp(step + 0.4 * normal.next()), b});
  }
  return cells;
}

AntigenLoss loss_of(const std::vector<BlockValue>& before, const std::vector<BlockValue>& after,
                    const ControlLevel& control = {}, std::array<double, 3> bins = kBins) {
  return measure_loss(BlockSample(before), BlockSample(after), bins, control);
}

std::vector<BlockValue> mapped(std::vector<BlockValue> cells, double factor, double shift) {
  for (BlockValue& cell : cells) cell.value = cell.value * factor + shift;
  return cells;
}

void expect_same(const Estimate& a, const Estimate& b, double tolerance = 1e-9) {
  ASSERT_TRUE(a.value && b.value && a.interval && b.interval);
  EXPECT_NEAR(*a.value, *b.value, tolerance);
  EXPECT_NEAR(a.interval->low, b.interval->low, tolerance);
  EXPECT_NEAR(a.interval->high, b.interval->high, tolerance);
}

TEST(AntigenLoss, ByHand) {
  // 4 cells before: 0.1, 0.3, 0.5, 0.7; after: half of each.
  const AntigenLoss loss =
      loss_of({{0.1, 0}, {0.3, 0}, {0.5, 1}, {0.7, 1}}, {{0.05, 0}, {0.15, 0}, {0.25, 1}, {0.35, 1}}, {0.05, 0.05, {}});
  EXPECT_EQ(*loss.percent_positive.before.value, 75);
  EXPECT_EQ(*loss.percent_positive.after.value, 50);
  EXPECT_EQ(*loss.percent_positive.difference.value, -25);
  EXPECT_DOUBLE_EQ(*loss.h_score.before.value, 25 * (1 + 2 + 3));
  EXPECT_DOUBLE_EQ(*loss.h_score.after.value, 50);
  EXPECT_DOUBLE_EQ(*loss.above_control.before.value, 0.25);  // the lower of two in the middle, less the control
  EXPECT_DOUBLE_EQ(*loss.above_control.after.value, 0.10);
  EXPECT_DOUBLE_EQ(*loss.loss_percent.value, 60);
  EXPECT_EQ(loss.low_percent_before, 0);  // the lowest cell is the limit
  EXPECT_EQ(*loss.low_percent_after.value, 25);
  for (const Estimate* e : {&loss.loss_percent, &loss.h_score.difference, &loss.percent_positive.before}) {
    EXPECT_FALSE(e->interval);
    EXPECT_THAT(e->note, HasSubstr("the sample before has 2 blocks of tissue"));
  }
  EXPECT_THAT(loss.h_score.after.note, HasSubstr("the sample after has 2 blocks"));
}

// The same draws with every cell written out, and every number from sorted lists: an oracle for the loss and the
// median.
TEST(AntigenLoss, IntervalsAreThoseOfDrawsWrittenOut) {
  constexpr std::size_t kBlocks = 8;
  const auto before = cells_of(kBlocks, 0.5, 1, 9), after = cells_of(kBlocks, 0.2, 2, 11);
  RandomStream random(0x4c4f5353u);
  const auto drawn_median = [&random](const std::vector<BlockValue>& cells) {
    std::vector<double> values;
    for (std::size_t i = 0; i + 1 < kBlocks; ++i) {
      const std::size_t block = random.below(kBlocks);
      for (const BlockValue& cell : cells)
        if (cell.block == block) values.push_back(cell.value);
    }
    std::sort(values.begin(), values.end());
    return values[(values.size() - 1) / 2];
  };
  std::vector<double> losses, medians;
  for (int d = 0; d < 10000; ++d) {
    const double first = drawn_median(before), second = drawn_median(after);
    losses.push_back(100 * (1 - second / first));
    medians.push_back(second);
  }
  const AntigenLoss got = loss_of(before, after);
  const EffectInterval loss = expanded_percentile(losses, kBlocks - 1);
  const EffectInterval median = expanded_percentile(medians, kBlocks - 1);
  ASSERT_TRUE(got.loss_percent.interval && got.above_control.after.interval);
  EXPECT_NEAR(got.loss_percent.interval->low, loss.low, 1e-9);
  EXPECT_NEAR(got.loss_percent.interval->high, loss.high, 1e-9);
  EXPECT_NEAR(got.above_control.after.interval->low, median.low, 1e-12);
  EXPECT_NEAR(got.above_control.after.interval->high, median.high, 1e-12);
}

TEST(AntigenLoss, DoesNotHangOnUnitsOrOnWhatTheControlTakesUp) {
  const auto before = cells_of(20, 0.5, 3), after = cells_of(20, 0.2, 4);
  const AntigenLoss plain = loss_of(before, after);
  const AntigenLoss doubled = loss_of(mapped(before, 2, 0), mapped(after, 2, 0), {}, {0.4, 0.8, 1.2});
  const AntigenLoss shifted =
      loss_of(mapped(before, 1, 0.125), mapped(after, 1, 0.125), {0.125, 0.125, {}}, {0.325, 0.525, 0.725});
  for (const AntigenLoss* other : {&doubled, &shifted}) {
    expect_same(plain.loss_percent, other->loss_percent);
    expect_same(plain.percent_positive.difference, other->percent_positive.difference);
    expect_same(plain.h_score.difference, other->h_score.difference);
    expect_same(plain.low_percent_after, other->low_percent_after);
  }
  const AntigenLoss own_controls =
      loss_of(mapped(before, 1, 0.125), mapped(after, 1, 0.5), {0.125, 0.5, {}}, {0.325, 0.525, 0.725});
  expect_same(plain.loss_percent, own_controls.loss_percent);
  expect_same(plain.low_percent_after, own_controls.low_percent_after);
}

TEST(AntigenLoss, OrderOfCellsChangesNothing) {
  auto before = cells_of(12, 0.5, 5), after = cells_of(12, 0.3, 6);
  const AntigenLoss first = loss_of(before, after);
  std::reverse(before.begin(), before.end());
  std::rotate(after.begin(), after.begin() + 17, after.end());
  const AntigenLoss second = loss_of(before, after);
  expect_same(first.loss_percent, second.loss_percent, 0);
  expect_same(first.h_score.difference, second.h_score.difference, 0);
  expect_same(first.low_percent_after, second.low_percent_after, 0);
}

TEST(AntigenLoss, ThereAndBackAreOpposite) {
  const auto one = cells_of(30, 0.5, 7), other = cells_of(30, 0.3, 8);
  const AntigenLoss there = loss_of(one, other), back = loss_of(other, one);
  EXPECT_NEAR(*there.percent_positive.difference.value, -*back.percent_positive.difference.value, 1e-9);
  EXPECT_NEAR((1 - *there.loss_percent.value / 100) * (1 - *back.loss_percent.value / 100), 1, 1e-12);
  EXPECT_LT(*back.loss_percent.value, 0) << "more than before is a negative loss";
  EXPECT_LT(back.loss_percent.interval->high, 0);
  EXPECT_GT(there.loss_percent.interval->low, 0);
}

TEST(AntigenLoss, MoreBlocksAreSurer) {
  const auto length = [](std::size_t blocks) {
    const auto interval = loss_of(cells_of(blocks, 0.5, 9), cells_of(blocks, 0.2, 10)).loss_percent.interval;
    return interval->high - interval->low;
  };
  const double few = length(10), many = length(160);
  EXPECT_LT(many, few / 2);
  EXPECT_GT(many, few / 8);
}

TEST(AntigenLoss, CellsThatAreAlikeWithinBlocksAreNotMoreBlocks) {
  auto once = cells_of(12, 0.5, 11), after = cells_of(12, 0.2, 12);
  auto ten_times = once;
  for (int i = 1; i < 10; ++i) ten_times.insert(ten_times.end(), once.begin(), once.end());
  const EffectInterval one = *loss_of(once, after).loss_percent.interval;
  const EffectInterval ten = *loss_of(ten_times, after).loss_percent.interval;
  EXPECT_NEAR(one.low, ten.low, 0.5);
  EXPECT_NEAR(one.high, ten.high, 0.5);
}

TEST(AntigenLoss, NothingToLoseIsSaid) {
  const AntigenLoss loss = loss_of(cells_of(20, 0.1, 13), cells_of(20, 0.1, 14), {0.3, 0.3, {}});
  EXPECT_FALSE(loss.loss_percent.value);
  EXPECT_FALSE(loss.loss_percent.interval);
  EXPECT_THAT(loss.loss_percent.note, HasSubstr("nothing to lose"));
  EXPECT_TRUE(loss.percent_positive.difference.interval);
}

TEST(AntigenLoss, ALossOfNextToNothingHasNoBounds) {
  const auto before = cells_of(20, 0.305, 15);
  const AntigenLoss loss = loss_of(before, cells_of(20, 0.1, 16), {0.3, 0.3, {}});
  ASSERT_TRUE(loss.loss_percent.value);
  EXPECT_FALSE(loss.loss_percent.interval);
  EXPECT_THAT(loss.loss_percent.note, HasSubstr("has no bounds"));
}

TEST(AntigenLoss, BelowControlIsALossOfAll) {
  const AntigenLoss loss = loss_of(cells_of(20, 0.8, 17), cells_of(20, 0.05, 18), {0.2, 0.2, {}});
  EXPECT_EQ(*loss.loss_percent.value, 100);
  EXPECT_EQ(loss.loss_percent.interval->high, 100);
  EXPECT_LT(*loss.above_control.after.value, 0);
}

TEST(AntigenLoss, AControlThatVariesMakesTheLossLessSure) {
  const auto before = cells_of(30, 0.5, 19), after = cells_of(30, 0.25, 20), control = cells_of(8, 0.1, 21);
  ControlLevel drawn;
  drawn.cells.emplace(control);
  drawn.median_before = drawn.median_after = drawn.cells->quantile(drawn.cells->once(), 1, 2);
  const ControlLevel known{drawn.median_before, drawn.median_after, {}};
  const AntigenLoss with = loss_of(before, after, drawn), without = loss_of(before, after, known);
  EXPECT_EQ(*with.loss_percent.value, *without.loss_percent.value);
  EXPECT_GT(with.loss_percent.interval->high - with.loss_percent.interval->low,
            without.loss_percent.interval->high - without.loss_percent.interval->low);
}

TEST(AntigenLoss, BlocksCountByTheirCells) {
  auto before = cells_of(20, 0.5, 22);
  for (int i = 0; i < 20000; ++i) before.push_back({0.5 + 1e-6 * i, 0});  // one block outweighs all
  const AntigenLoss loss = loss_of(before, cells_of(20, 0.2, 23));
  EXPECT_EQ(loss.blocks_before, 20u);
  EXPECT_LT(loss.effective_blocks_before, 2);
  EXPECT_FALSE(loss.loss_percent.interval);
  EXPECT_TRUE(loss.above_control.after.interval);
}

TEST(AntigenLoss, AllCellsAlike) {
  std::vector<BlockValue> same;
  for (std::uint32_t b = 0; b < 10; ++b) same.insert(same.end(), 10, {0.5, b});
  const AntigenLoss loss = loss_of(same, same);
  EXPECT_EQ(*loss.loss_percent.value, 0);
  EXPECT_EQ(loss.loss_percent.interval->low, 0);
  EXPECT_EQ(loss.loss_percent.interval->high, 0);
  EXPECT_EQ(*loss.percent_positive.before.value, 100);
  EXPECT_LT(loss.percent_positive.before.interval->low, 100);
  EXPECT_THROW(loss_of(same, same, {}, {0.4, 0.2, 0.6}), InvalidArgument);
}

// docs/decisions/0802-loss-intervals.md has the whole table.
TEST(AntigenLoss, IntervalsHoldThePlantedLoss) {
  for (const double planted : {0.0, 0.6, 0.9}) {
    PairModel model;
    model.loss = planted;
    const PairOutcomes got = simulate_loss(model, 150, 7);
    for (const double share : {got.positive, got.h_score, got.median_after, got.loss, got.low}) {
      EXPECT_GE(share, 0.89) << planted;  // 150 pairs: three standard deviations below 95 %
    }
    EXPECT_LE(got.loss, 0.995);
    EXPECT_EQ(got.without, 0);
  }
}

TEST(BlockLikeness, TellsPatchesFromSingleBlocks) {
  NormalStream normal(24);
  std::vector<BlockPlace> places;
  std::vector<BlockValue> single, patches;
  double steps[5][5];
  for (auto& row : steps)
    for (double& step : row) step = normal.next();
  for (std::int32_t y = 0; y < 10; ++y)
    for (std::int32_t x = 0; x < 10; ++x) {
      const auto block = static_cast<std::uint32_t>(places.size());
      places.push_back({0, x, y});
      const double own = normal.next();
      for (int i = 0; i < 40; ++i) {
        const double cell = normal.next();
        single.push_back({own + cell, block});
        patches.push_back({steps[y / 2][x / 2] + cell, block});
      }
    }
  const BlockLikeness of_single = likeness_of_neighbours(single, places);
  const BlockLikeness of_patches = likeness_of_neighbours(patches, places);
  EXPECT_EQ(of_single.pairs, 180u);
  EXPECT_NEAR(of_single.morans_i, 0, 0.2);
  EXPECT_FALSE(of_single.alike());
  EXPECT_NEAR(of_patches.morans_i, 100.0 / 180, 0.2);  // as many pairs lie within a patch
  EXPECT_TRUE(of_patches.alike());
}

TEST(BlockLikeness, ByHand) {
  // Three blocks in a row, a fourth on another slide: shares below the median (2) are 1, 0, 0 and 1 of two cells each.
  const std::vector<BlockPlace> places{{0, 0, 0}, {0, 1, 0}, {0, 2, 0}, {1, 1, 0}};
  const std::vector<BlockValue> cells{{1, 0}, {1, 0}, {2, 1}, {2, 1}, {3, 2}, {3, 2}, {1, 3}, {1, 3}};
  const BlockLikeness got = likeness_of_neighbours(cells, places);
  // The median is the lower of two in the middle, 1: no cell is below it, and no block differs.
  EXPECT_EQ(got.pairs, 2u);
  EXPECT_EQ(got.morans_i, 0);
  std::vector<BlockValue> more = cells;
  more.push_back({4, 2});  // nine cells: the median is 2; shares 1, 0, 0, 1; the mean share 4/9
  const double a = 1 - 4.0 / 9, b = -4.0 / 9;
  const double shared = (4 * a * b + 6 * b * b) / 10, own = (2 * a * a + 2 * b * b + 3 * b * b + 2 * a * a) / 9;
  EXPECT_NEAR(likeness_of_neighbours(more, places).morans_i, shared / own, 1e-12);
  EXPECT_THROW(likeness_of_neighbours(cells, std::vector<BlockPlace>{{0, 0, 0}}), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex::test
