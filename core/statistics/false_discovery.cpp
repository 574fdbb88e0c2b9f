#include "core/statistics/false_discovery.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "kernels/runtime/error.h"

namespace hexaplex {

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  for (const double one : p) HX_EXPECT(one >= 0 && one <= 1, "a p lies in 0 .. 1");
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return p[i] < p[j]; });
  std::vector<double> adjusted(p.size());
  double least = 1;
  for (std::size_t i = order.size(); i > 0; --i) {
    least = std::min(least, p[order[i - 1]] * static_cast<double>(p.size()) / static_cast<double>(i));
    adjusted[order[i - 1]] = least;
  }
  return adjusted;
}

}  // namespace hexaplex
