#include "core/phenotype/threshold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {
constexpr std::size_t kFewestCells = 3;
// From the negative to the positive mean, in logarithms: docs/decisions/0401-threshold-between-classes.md.
constexpr double kWay = 0.3, kFarthestWay = 0.5;
constexpr double kLeastStep = 0.6;  // above the negative mean: 1.8 times as bright

struct Cell {
  double log_value, value, brightness;
};

// Sorted by value, so that every sum below has one order whatever the order of the cells.
std::vector<Cell> sorted_cells(const ClassInput& input) {
  HX_EXPECT(input.values.size() == input.brightness.size(), "every value needs its brightness");
  HX_EXPECT(input.background > 0, "the background must be above 0");
  std::vector<Cell> cells(input.values.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double value = std::max(input.values[i], 0.0);
    cells[i] = {exact_log(value + input.background), value, input.brightness[i]};
  }
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return a.log_value != b.log_value ? a.log_value < b.log_value : a.brightness < b.brightness;
  });
  return cells;
}

double median_brightness(std::span<const Cell> cells) {
  std::vector<double> values;
  for (const Cell& cell : cells) values.push_back(cell.brightness);
  return median_of(values);
}

// The last `upper` cells against the others; negative levels are as good as none.
double separation_of(std::span<const Cell> cells, std::size_t upper) {
  const double low = median_brightness(cells.first(cells.size() - upper)), high = median_brightness(cells.last(upper));
  if (high <= 0) return 1;
  return low > 0 ? high / low : std::numeric_limits<double>::infinity();
}

struct Split {
  std::size_t upper;  // cells
  double low_mean, high_mean, low_sd, high_sd, distance;
};

// Splits midway between the means of their own two classes, best separated first.
std::vector<Split> stationary_splits(std::span<const Cell> cells) {
  const std::size_t n = cells.size();
  double all = 0, all_squares = 0;
  for (const Cell& cell : cells) all += cell.log_value, all_squares += cell.log_value * cell.log_value;
  std::vector<Split> splits;
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i + kFewestCells <= n; ++i) {
    const double last = cells[i - 1].log_value;
    sum += last;
    squares += last * last;
    if (i < kFewestCells) continue;
    const double below = static_cast<double>(i), above = static_cast<double>(n - i);
    const double low = sum / below, high = (all - sum) / above, middle = (low + high) / 2;
    if (!(last <= middle && middle < cells[i].log_value)) continue;
    const double low_sd = std::sqrt(std::max(squares / below - low * low, 0.0));
    const double high_sd = std::sqrt(std::max((all_squares - squares) / above - high * high, 0.0));
    splits.push_back({n - i, low, high, low_sd, high_sd, (high - low) / (low_sd + high_sd + 1e-9)});
  }
  std::stable_sort(splits.begin(), splits.end(),
                   [](const Split& a, const Split& b) { return a.distance > b.distance; });
  return splits;
}

std::optional<Split> best_split(std::span<const Cell> cells, double min_separation) {
  for (const Split& split : stationary_splits(cells))
    if (separation_of(cells, split.upper) >= min_separation) return split;
  return std::nullopt;
}

// Nearer to the negative cells than half way, since a cell that is cut wrong shows less of its signal, never more. The
// rarer the positive cells, the farther away: by twice what parts two equally wide Gaussians of these sizes, as the
// neighbours' light gives negative cells a longer tail than a Gaussian's, and beyond the point where those two, the
// upper one at the threshold, are equally high.
double log_threshold_of(const Split& split, std::size_t cells) {
  const double gap = split.high_mean - split.low_mean, lower = static_cast<double>(cells - split.upper);
  const double log_odds = exact_log(std::max(lower / static_cast<double>(split.upper), 1.0));
  const double sd = (split.low_sd + split.high_sd) / 2;
  const double step = kWay * gap + 2 * sd * sd * log_odds / gap;
  const double tail = split.low_sd * std::sqrt(2 * log_odds);
  return split.low_mean + std::min(std::max({step, tail, kLeastStep}), kFarthestWay * gap);
}

std::optional<TwoClasses> classes_above(std::span<const Cell> cells, double log_threshold, double background) {
  const auto first = std::partition_point(cells.begin(), cells.end(),
                                          [&](const Cell& cell) { return cell.log_value < log_threshold; });
  const auto upper = static_cast<std::size_t>(cells.end() - first);
  if (upper < kFewestCells || cells.size() - upper < kFewestCells) return std::nullopt;
  TwoClasses classes;
  // Between the two neighbouring values, so that value >= threshold is what log_value >= log_threshold was.
  classes.threshold = std::clamp(exact_exp(log_threshold) - background, (first - 1)->value, first->value);
  if (classes.threshold <= (first - 1)->value) classes.threshold = first->value;
  classes.separation = separation_of(cells, upper);
  return classes;
}

// --- mixture, on a histogram of the logarithms

constexpr int kBins = 4096, kRounds = 200;

struct Gaussian {
  double weight, mean, sd;
  double density(double x) const {
    const double z = (x - mean) / sd;
    return z * z > 1200 ? 0 : weight / sd * exact_exp(-0.5 * z * z);
  }
};

struct Histogram {
  double origin, width;
  std::array<std::int64_t, kBins> counts{};
  double centre(int bin) const { return origin + (bin + 0.5) * width; }
};

Histogram histogram_of(std::span<const Cell> cells) {
  Histogram h;
  h.origin = cells.front().log_value;
  h.width = (cells.back().log_value - h.origin) / kBins;
  for (const Cell& cell : cells)
    ++h.counts[static_cast<std::size_t>(std::min(static_cast<int>((cell.log_value - h.origin) / h.width), kBins - 1))];
  return h;
}

std::array<Gaussian, 2> fit(const Histogram& h, std::array<Gaussian, 2> g, double total) {
  const double least_sd = h.width;  // a class of one value must not shrink to nothing
  for (int round = 0; round < kRounds; ++round) {
    std::array<double, 2> weight{}, sum{}, squares{};
    for (int bin = 0; bin < kBins; ++bin) {
      if (h.counts[static_cast<std::size_t>(bin)] == 0) continue;
      const double x = h.centre(bin), count = static_cast<double>(h.counts[static_cast<std::size_t>(bin)]);
      const double a = g[0].density(x), b = g[1].density(x);
      // Far from both, the nearer one takes all.
      const double share = a + b > 0 ? b / (a + b) : x > (g[0].mean + g[1].mean) / 2 ? 1 : 0;
      const std::array<double, 2> part{count * (1 - share), count * share};
      for (std::size_t k = 0; k < 2; ++k) weight[k] += part[k], sum[k] += part[k] * x, squares[k] += part[k] * x * x;
    }
    for (std::size_t k = 0; k < 2; ++k) {
      if (weight[k] <= 0) return g;
      const double mean = sum[k] / weight[k];
      g[k] = {weight[k] / total, mean,
              std::max(std::sqrt(std::max(squares[k] / weight[k] - mean * mean, 0.0)), least_sd)};
    }
  }
  return g;
}
}  // namespace

double median_of(std::span<const double> given) {
  if (given.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values(given.begin(), given.end());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double quantile_threshold(std::span<const double> given, double quantile) {
  HX_EXPECT(!given.empty(), "a quantile of no values is asked for");
  HX_EXPECT(quantile > 0 && quantile < 1, "the quantile must lie between 0 and 1");
  std::vector<double> values(given.begin(), given.end());
  const auto rank =
      std::min(static_cast<std::size_t>(quantile * static_cast<double>(values.size())), values.size() - 1);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
  return values[rank];
}

double background_level(std::span<const double> brightness) {
  if (brightness.empty()) return 0;
  std::vector<double> values(brightness.begin(), brightness.end());
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (double value : values) sum += std::max(value, 0.0);
  const double low = values[static_cast<std::size_t>(0.05 * static_cast<double>(values.size() - 1))];
  return std::max(low, sum / static_cast<double>(values.size()) / 64);
}

std::optional<TwoClasses> find_otsu_classes(const ClassInput& input) {
  const std::vector<Cell> cells = sorted_cells(input);
  const std::optional<Split> split = best_split(cells, input.min_separation);
  if (!split) return std::nullopt;
  auto classes = classes_above(cells, log_threshold_of(*split, cells.size()), input.background);
  if (classes) {
    classes->separation = separation_of(cells, split->upper);
    classes->distance = split->distance;
  }
  return classes;
}

std::optional<TwoClasses> find_mixture_classes(const ClassInput& input) {
  const std::vector<Cell> cells = sorted_cells(input);
  const std::optional<Split> split = best_split(cells, input.min_separation);
  if (!split) return std::nullopt;
  const Histogram h = histogram_of(cells);
  const double total = static_cast<double>(cells.size()), share = static_cast<double>(split->upper) / total;
  const auto g = fit(h,
                     {Gaussian{1 - share, split->low_mean, std::max(split->low_sd, h.width)},
                      Gaussian{share, split->high_mean, std::max(split->high_sd, h.width)}},
                     total);
  // Bisection between the two means: the lower class wins at its own mean, the upper one at its.
  double low = g[0].mean, high = g[1].mean;
  if (!(low < high)) return std::nullopt;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2, a = g[0].density(middle), b = g[1].density(middle);
    if (a > b || (a == b && middle < (g[0].mean + g[1].mean) / 2))
      low = middle;
    else
      high = middle;
  }
  auto classes = classes_above(cells, high, input.background);
  if (!classes || classes->separation < input.min_separation) return std::nullopt;
  classes->distance = (g[1].mean - g[0].mean) / (g[0].sd + g[1].sd);
  return classes;
}

}  // namespace hexaplex
