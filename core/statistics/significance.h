#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hexaplex {

/// What a test says: a two-sided p, and how it was found.
struct Significance {
  double p = 1;                    ///< in (0, 1]
  bool exact = true;               ///< every arrangement was counted; otherwise a fixed sample of them was
  std::uint64_t arrangements = 0;  ///< how many were looked at; 0 where they were counted without listing them
};

// All four tests are two-sided by doubling the smaller tail (observed arrangement included) and cutting at 1, and count
// ties with the observed value as being as extreme. Values may be any finite numbers; NaN and infinities are refused.
// Throws (all four): InvalidArgument for an empty sample or a value that is not finite.

/// Exact permutation test of two samples on the difference of their means: every way to give the values to two
/// groups of these sizes. Beyond 1,000,000 ways 99,999 are drawn with a fixed seed, and p = (b + 1) / (m + 1).
/// Source: Fisher 1935; Phipson, Smyth 2010 for the sampled p.
Significance permutation_test(std::span<const double> a, std::span<const double> b);

/// Exact Mann-Whitney test: the distribution of the rank sum over all ways, counted on mid-ranks, so that it is
/// exact with ties too. Beyond 100 values in all the ways are drawn as in permutation_test.
/// Source: Mann, Whitney 1947; Streitberg, Röhmel 1986 for counting on tied ranks.
Significance mann_whitney_test(std::span<const double> a, std::span<const double> b);

/// Exact permutation test of paired differences on their mean: every way to give them signs. Beyond 20 pairs 99,999
/// ways are drawn.
Significance sign_flip_test(std::span<const double> differences);

/// Exact Wilcoxon signed-rank test on mid-ranks. Differences of 0 have no sign and are left out; p = 1 where all
/// are 0. Beyond 100 pairs the ways are drawn.
/// Source: Wilcoxon 1945.
Significance signed_rank_test(std::span<const double> differences);

/// The smallest two-sided p that groups of these sizes can reach, 2 / C(n + m, n), whatever the values: 0.1 for 3
/// against
/// 3. 1 at most. Sizes from 1.
double smallest_p_of_groups(std::size_t n, std::size_t m);

/// The same of n pairs: 2 / 2^n, 0.25 for 3.
double smallest_p_of_pairs(std::size_t n);

}  // namespace hexaplex
