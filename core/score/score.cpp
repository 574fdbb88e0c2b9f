#include "core/score/score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
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

// The values that are there.
std::vector<double> known_values(std::span<const double> values, std::span<const std::uint8_t> counted) {
  std::vector<double> known;
  for (std::size_t i = 0; i < values.size(); ++i)
    if ((counted.empty() || counted[i] != 0) && std::isfinite(values[i])) known.push_back(values[i]);
  return known;
}

// The lower of two middle values; NaN of none.
double median_of(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
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
  out.median = median_of(std::move(known));
  return out;
}

RelativeIntensity compare_to_control(std::span<const double> values, std::span<const std::uint8_t> counted,
                                     std::span<const double> control) {
  HX_EXPECT(counted.empty() || counted.size() == values.size(), "one verdict is needed for each cell");
  const std::vector<double> negative = known_values(control, {});
  const double median = median_of(known_values(values, counted));
  RelativeIntensity out;
  out.control_median = median_of(negative);
  double sum = 0, squares = 0;
  for (const double v : negative) sum += v;
  const double mean = sum / static_cast<double>(negative.size());
  for (const double v : negative) squares += (v - mean) * (v - mean);
  out.control_std = std::sqrt(squares / static_cast<double>(negative.size()));
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  out.rfi = out.control_median > 0 ? median / out.control_median : kNan;
  out.stain_index = out.control_std > 0 ? (median - out.control_median) / (2 * out.control_std) : kNan;
  return out;
}

std::string_view level_of(double rfi, const std::array<double, 2>& levels) {
  if (std::isnan(rfi)) return "";
  return rfi < levels[0] ? "low" : rfi < levels[1] ? "medium" : "high";
}

std::int64_t pixels_from(const Histogram16& keys, double least) {
  std::int64_t pixels = 0;
  for (std::size_t key = float_key(static_cast<float>(least)); key < keys.size(); ++key) pixels += keys[key];
  return pixels;
}

}  // namespace hexaplex
