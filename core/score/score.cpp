#include "core/score/score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// Shares as fractions of whole numbers of cells: no rounding decides a class.
int allred_proportion_of(std::size_t positive, std::size_t all) {
  if (positive == 0) return 0;
  if (100 * positive < all) return 1;
  if (10 * positive < all) return 2;
  if (3 * positive < all) return 3;
  return 3 * positive < 2 * all ? 4 : 5;
}

}  // namespace

MarkerScore score_marker(std::span<const double> values, std::span<const std::uint8_t> counted, const ScoreRule& rule) {
  HX_EXPECT(rule.bins[0] < rule.bins[1] && rule.bins[1] < rule.bins[2], "the bins of a score must ascend");
  HX_EXPECT(counted.empty() || counted.size() == values.size(), "one verdict is needed for each cell");
  MarkerScore out;
  std::vector<double> known;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!counted.empty() && counted[i] == 0) continue;
    if (!std::isfinite(values[i])) {
      ++out.unknown;
      continue;
    }
    std::size_t level = 0;
    while (level < 3 && values[i] >= rule.bins[level]) ++level;
    ++out.classes[level];
    known.push_back(values[i]);
  }
  const std::size_t all = known.size();
  if (all == 0) {
    out.percent_positive = out.h_score = out.median = std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  const auto& n = out.classes;
  const std::size_t positive = n[1] + n[2] + n[3], strength = n[1] + 2 * n[2] + 3 * n[3];
  out.percent_positive = 100 * static_cast<double>(positive) / static_cast<double>(all);
  out.h_score = 100 * static_cast<double>(strength) / static_cast<double>(all);
  out.allred_proportion = allred_proportion_of(positive, all);
  if (positive > 0) {
    out.allred_intensity = 3 * strength > 7 * positive ? 3 : 3 * strength > 5 * positive ? 2 : 1;
    out.irs_intensity = static_cast<int>((2 * strength + positive) / (2 * positive));
    out.irs_proportion = 1;
    for (const double percent : rule.irs_percent) out.irs_proportion += out.percent_positive >= percent ? 1 : 0;
  }
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>((all - 1) / 2);
  std::nth_element(known.begin(), middle, known.end());
  out.median = *middle;
  return out;
}

std::int64_t pixels_from(const Histogram16& keys, double least) {
  std::int64_t pixels = 0;
  for (std::size_t key = float_key(static_cast<float>(least)); key < keys.size(); ++key) pixels += keys[key];
  return pixels;
}

}  // namespace hexaplex
