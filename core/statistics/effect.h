#pragma once

#include <span>
#include <vector>

namespace hexaplex {

// Effects are those of `b` against `a` (the control): positive where b is larger. All samples hold one finite value at
// least. Throws (all): InvalidArgument for an empty sample or a value that is not finite.

/// The middle value, or the mean of the two middle ones.
double median(std::vector<double> values);

/// Hodges-Lehmann shift: the median of all differences between a value of b and a value of a.
/// Source: Hodges, Lehmann 1963.
double hodges_lehmann_shift(std::span<const double> a, std::span<const double> b);

/// Cliff's delta, which is the rank-biserial correlation of two groups: the share of pairs in which b is larger
/// less the share in which a is; -1 .. 1.
/// Source: Cliff 1993.
double cliffs_delta(std::span<const double> a, std::span<const double> b);

/// Matched-pairs rank-biserial correlation: ranks of positive differences less those of negative ones over all
/// ranks, 0 differences left out; -1 .. 1, and 0 where all are 0.
/// Source: Kerby 2014.
double paired_rank_biserial(std::span<const double> differences);

}  // namespace hexaplex
