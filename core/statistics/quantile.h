#pragma once

#include <cstddef>
#include <vector>

namespace hexaplex {

/// The value below which a share of the sorted ones lies, by straight lines between neighbours (type 7 of Hyndman, Fan
/// 1996). @param sorted  ascending, one or more. @param share  0 .. 1
inline double quantile_of_sorted(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double weight = at - static_cast<double>(below);
  return sorted[below] + weight * (sorted[below + 1] - sorted[below]);
}

}  // namespace hexaplex
