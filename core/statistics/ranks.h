#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hexaplex {

/// Twice the rank of each value among all, from 2; ties share the mean of their ranks, which doubled is a whole number.
/// Values must be finite.
std::vector<std::size_t> doubled_ranks(std::span<const double> values);

}  // namespace hexaplex
