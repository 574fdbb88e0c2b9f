#pragma once

#include <span>
#include <vector>

namespace hexaplex {

/// Adjusted p of a family of tests, in their order: the smallest false discovery rate at which each would be taken.
/// @param p  each in 0 .. 1; an empty family gives an empty answer
/// Throws: InvalidArgument for a p outside 0 .. 1, NaN included.
/// Source: Benjamini, Hochberg 1995, step up.
std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace hexaplex
