#include "core/statistics/effect.h"

#include <algorithm>
#include <cmath>

#include "core/statistics/ranks.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

void check(std::span<const double> values) {
  HX_EXPECT(!values.empty(), "a sample needs a value");
  for (const double v : values) HX_EXPECT(std::isfinite(v), "a sample holds a value that is not finite");
}

}  // namespace

double median(std::vector<double> values) {
  check(values);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double hodges_lehmann_shift(std::span<const double> a, std::span<const double> b) {
  check(a);
  check(b);
  std::vector<double> differences;
  differences.reserve(a.size() * b.size());
  for (const double y : b)
    for (const double x : a) differences.push_back(y - x);
  return median(std::move(differences));
}

double cliffs_delta(std::span<const double> a, std::span<const double> b) {
  check(a);
  check(b);
  double more = 0, less = 0;
  for (const double y : b)
    for (const double x : a) {
      if (y > x) more += 1;
      if (y < x) less += 1;
    }
  return (more - less) / (static_cast<double>(a.size()) * static_cast<double>(b.size()));
}

double paired_rank_biserial(std::span<const double> differences) {
  check(differences);
  std::vector<double> sizes, signs;
  for (const double d : differences) {
    if (d == 0) continue;
    sizes.push_back(d < 0 ? -d : d);
    signs.push_back(d < 0 ? -1 : 1);
  }
  const std::vector<std::size_t> ranks = doubled_ranks(sizes);
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    sum += signs[i] * static_cast<double>(ranks[i]);
    total += static_cast<double>(ranks[i]);
  }
  return total > 0 ? sum / total : 0;
}

}  // namespace hexaplex
