#include "tests/support/core/simulated_pairs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/loss/antigen_loss.h"
#include "core/statistics/effect.h"
#include "kernels/runtime/numerics.h"
#include "tests/support/core/normal_stream.h"

namespace hexaplex::test {

namespace {

constexpr std::array<double, 3> kBins{0.2, 0.4, 0.6};
constexpr double kLowest5 = -1.6448536269514722;  // of a standard normal distribution

BlockSample simulated_sample(const PairModel& model, std::size_t blocks, double median, NormalStream& normal) {
  std::vector<BlockValue> cells;
  double step = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    if (b % model.alike == 0) step = model.blocks_sd * normal.next();
    const double drift = model.crowding * normal.next() - model.crowding * model.crowding / 2;
    const auto many = std::max(1L, std::lround(model.cells * exact_exp(drift)));
    for (long i = 0; i < many; ++i)
      cells.push_back(
          {model.control + median * exact_exp(step + model.cells_sd * normal.next()), static_cast<std::uint32_t>(b)});
  }
  return BlockSample(std::move(cells));
}

double below(double z) {
  return std::erfc(-z / std::sqrt(2.0)) / 2;
}

struct Truth {
  double positive = 0, h_score = 0, low = 0;  // in percent; of the H-score 0 to 300
};

Truth truth_of(const PairModel& model) {
  const double sd = std::sqrt(model.blocks_sd * model.blocks_sd + model.cells_sd * model.cells_sd);
  Truth truth;
  for (const double bin : kBins) {
    const auto above = [&](double median) {
      return bin <= model.control ? 100.0 : 100 * below(-std::log((bin - model.control) / median) / sd);
    };
    const double change = above(model.median * (1 - model.loss)) - above(model.median);
    if (bin == kBins[0]) truth.positive = change;
    truth.h_score += change;
  }
  truth.low = 100 * below(kLowest5 - std::log(1 - model.loss) / sd);
  return truth;
}

/// How often an interval was given, and how often it held the truth.
struct Tally {
  int given = 0, held = 0;
  void add(const Estimate& estimate, double truth) {
    if (!estimate.interval) return;
    ++given;
    if (estimate.interval->low <= truth && truth <= estimate.interval->high) ++held;
  }
  double share() const { return given > 0 ? static_cast<double>(held) / given : 0; }
};

}  // namespace

PairOutcomes simulate_loss(const PairModel& model, int pairs, std::uint64_t seed) {
  NormalStream normal(seed);
  const Truth truth = truth_of(model);
  Tally positive, h_score, median_after, lost, low;
  std::vector<double> lengths;
  for (int i = 0; i < pairs; ++i) {
    const BlockSample before = simulated_sample(model, model.blocks_before, model.median, normal);
    const BlockSample after = simulated_sample(model, model.blocks_after, model.median * (1 - model.loss), normal);
    const AntigenLoss found = measure_loss(before, after, kBins, {model.control, model.control, {}});
    positive.add(found.percent_positive.difference, truth.positive);
    h_score.add(found.h_score.difference, truth.h_score);
    median_after.add(found.above_control.after, model.median * (1 - model.loss));
    lost.add(found.loss_percent, 100 * model.loss);
    low.add(found.low_percent_after, truth.low);
    if (const auto& interval = found.loss_percent.interval) lengths.push_back(interval->high - interval->low);
  }
  return {positive.share(),
          h_score.share(),
          median_after.share(),
          lost.share(),
          low.share(),
          lengths.empty() ? 0 : median(lengths),
          static_cast<double>(pairs - lost.given) / pairs};
}

}  // namespace hexaplex::test
