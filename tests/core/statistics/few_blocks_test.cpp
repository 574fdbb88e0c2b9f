#include "core/statistics/few_blocks.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "kernels/runtime/error.h"

namespace hexaplex::test {
namespace {

constexpr std::size_t kMany = 1000000;  // the table ends at t = 1.9623, the normal's is 1.9600

TEST(FewBlocks, StudentsTIsNeverTooSmall) {
  EXPECT_EQ(student_t95(5), 2.5706);
  EXPECT_EQ(student_t95(29), student_t95(25));
  EXPECT_GT(student_t95(kMany), 1.95996);
  for (std::size_t f = 1; f < 200; ++f) EXPECT_GE(student_t95(f), student_t95(f + 1));
  EXPECT_THROW(student_t95(0), InvalidArgument);
}

TEST(FewBlocks, ShareIntervalIsThatOfNewcombesTable) {
  // R. G. Newcombe, Stat. Med. 17 (1998) 857, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  const struct {
    double of, all, low, high;
  } rows[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
  for (const auto& row : rows) {
    const double p = row.of / row.all;
    const EffectInterval got = share_interval(p, p * (1 - p) / row.all, row.all, kMany);
    EXPECT_NEAR(got.low, row.low, 2e-4);
    EXPECT_NEAR(got.high, row.high, 4e-4);
  }
}

TEST(FewBlocks, DifferenceIntervalIsThatOfNewcombesTable) {
  // R. G. Newcombe, Stat. Med. 17 (1998) 873, table II, method 10: 56 of 70 less 48 of 80; 0 of 10 less 0 of 20.
  const auto share = [](double of, double all) {
    const double p = of / all;
    return share_interval(p, p * (1 - p) / all, all, kMany);
  };
  const EffectInterval some = difference_interval(48.0 / 80, share(48, 80), 56.0 / 70, share(56, 70));
  EXPECT_NEAR(some.low, 0.0524, 5e-4);
  EXPECT_NEAR(some.high, 0.3339, 5e-4);
  const EffectInterval none = difference_interval(0, share(0, 20), 0, share(0, 10));
  EXPECT_NEAR(none.low, -0.1611, 6e-4);
  EXPECT_NEAR(none.high, 0.2775, 6e-4);
}

TEST(FewBlocks, ShareIntervalMirrorsAndStaysInside) {
  for (const double p : {0.0, 0.001, 0.3, 0.5, 0.999, 1.0}) {
    const EffectInterval one = share_interval(p, 0.01 * p * (1 - p), 8, 6),
                         other = share_interval(1 - p, 0.01 * p * (1 - p), 8, 6);
    EXPECT_NEAR(one.low, 1 - other.high, 1e-12);
    EXPECT_LE(one.low, p);
    EXPECT_GE(one.high, p);
    EXPECT_GE(one.low, 0);
    EXPECT_LE(one.high, 1);
    EXPECT_GT(one.high - one.low, 0.01);
  }
  EXPECT_THROW(share_interval(1.1, 0, 5, 5), InvalidArgument);
  EXPECT_THROW(share_interval(0.5, -1, 5, 5), InvalidArgument);
  EXPECT_THROW(share_interval(0.5, 0, 0, 5), InvalidArgument);
}

TEST(FewBlocks, ExpandedPercentilesLieAsFarOutAsStudentsT) {
  std::vector<double> draws;
  for (int i = 0; i <= 10000; ++i) draws.push_back((i * 7919) % 10001);  // 0 .. 10000, mixed
  const EffectInterval few = expanded_percentile(draws, 5), many = expanded_percentile(draws, 1000);
  EXPECT_NEAR(few.low, 50.76, 1e-9);  // scipy: norm.cdf(-t.ppf(0.975, 5)) = 0.005076
  EXPECT_NEAR(few.high, 10000 - 50.76, 1e-9);
  EXPECT_NEAR(many.low, 248.62, 1e-9);
  EXPECT_THROW(expanded_percentile(std::vector<double>(999, 1.0), 5), InvalidArgument);
  draws[7] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(expanded_percentile(draws, 5), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex::test
