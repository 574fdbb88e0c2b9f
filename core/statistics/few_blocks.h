#pragma once

#include <cstddef>
#include <span>

#include "core/statistics/resample.h"

namespace hexaplex {

// 95 % intervals of what is estimated from few blocks of tissue. Which, and how often they hold the truth:
// docs/decisions/0802-loss-intervals.md.

/// Student's t, two-sided 95 %, from a table: its value for the next smaller number of degrees that the table has, so
/// that intervals are never too short by it. @param freedom  degrees of freedom, 1 or more
double student_t95(std::size_t freedom);

/// The middle of draws, farther out than 2.5 % by as much as Student's t lies beyond the normal distribution.
/// Throws: InvalidArgument for fewer than 1000 draws, or one that is not finite
/// Source: T. C. Hesterberg, The American Statistician 69 (2015) 371, "expanded percentile"
EffectInterval expanded_percentile(std::span<const double> draws, std::size_t freedom);

/// Interval of a share whose error is known from draws: Wilson's score interval of as many independent values as would
/// have this error. It stays within 0 and 1, and has a length where all or none was found too.
/// @param share     0 .. 1
/// @param variance  of the share's draws, 0 or more
/// @param size      independent values where the variance is 0 or the share 0 or 1; above 0
/// Throws: InvalidArgument outside these ranges
/// Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209; effective sizes: L. Kish, Survey Sampling, 1965
EffectInterval share_interval(double share, double variance, double size, std::size_t freedom);

/// Interval of b - a from an interval of each: the distances to their ends are squared and added.
/// Source: R. G. Newcombe, Stat. Med. 17 (1998) 873, method 10
EffectInterval difference_interval(double a, const EffectInterval& of_a, double b, const EffectInterval& of_b);

}  // namespace hexaplex
