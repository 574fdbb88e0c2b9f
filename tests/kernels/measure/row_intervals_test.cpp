#include "kernels/measure/row_intervals.h"

#include <gtest/gtest.h>

namespace hexaplex {
namespace {

std::vector<std::pair<int, int>> pairs(std::span<const Interval> intervals) {
  std::vector<std::pair<int, int>> out;
  for (const Interval& i : intervals) out.emplace_back(i.begin, i.end);
  return out;
}
using Pairs = std::vector<std::pair<int, int>>;

TEST(RowIntervals, TouchingRunsOfOneRowAreOneInterval) {
  const PixelRun runs[] = {{2, 1, 3, 0}, {2, 3, 5, kInnerPart}, {2, 7, 8, 0}, {3, 8, 9, 0}, {6, 0, 2, 0}};
  RowIntervals rows;
  rows.assign(runs);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows.y(0), 2);
  EXPECT_EQ(rows.y(2), 6);
  EXPECT_EQ(pairs(rows[0]), (Pairs{{1, 5}, {7, 8}}));
  EXPECT_EQ(pairs(rows[1]), (Pairs{{8, 9}})) << "where a row ends and the next begins at the same x nothing touches";
  EXPECT_EQ(pairs(rows[2]), (Pairs{{0, 2}}));
  EXPECT_EQ(rows.all().size(), 4u);
}

TEST(RowIntervals, RowsAreFoundByTheirPlace) {
  const PixelRun runs[] = {{-1, 0, 2, 0}, {4, 3, 5, 0}};
  RowIntervals rows;
  rows.assign(runs);
  EXPECT_EQ(pairs(rows.at_y(-1)), (Pairs{{0, 2}}));
  EXPECT_EQ(pairs(rows.at_y(4)), (Pairs{{3, 5}}));
  for (int y : {-2, 0, 3, 5}) EXPECT_TRUE(rows.at_y(y).empty()) << y;
  rows.assign({});
  EXPECT_EQ(rows.size(), 0u);
  EXPECT_TRUE(rows.at_y(4).empty());
}

TEST(RowIntervals, ARowMayBeEmpty) {
  RowIntervals rows;
  rows.start_row(1);
  rows.start_row(2);
  rows.add({3, 4});
  EXPECT_TRUE(rows[0].empty());
  EXPECT_EQ(pairs(rows[1]), (Pairs{{3, 4}}));
}

}  // namespace
}  // namespace hexaplex
