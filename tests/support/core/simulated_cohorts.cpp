#include "tests/support/core/simulated_cohorts.h"

#include <cmath>
#include <optional>

#include "core/statistics/resample.h"
#include "core/statistics/significance.h"
#include "kernels/runtime/numerics.h"
#include "tests/support/core/normal_stream.h"

namespace hexaplex::test {

namespace {

constexpr double kAlpha = 0.05;

ResampledUnit simulated_unit(const CohortModel& model, bool second, NormalStream& normal) {
  const double step = (second ? model.second_sd : model.sd) * normal.next();
  double score = model.log_normal ? 10 * exact_exp(step) : 10 + step;
  if (second) score = score * model.ratio + model.shift;
  ResampledUnit unit{score, {}};
  if (model.blocks == 0) return unit;
  double sum = 0;
  for (std::size_t i = 0; i < model.blocks; ++i) {
    const double ratio = score + model.block_sd * normal.next();
    unit.blocks.push_back({ratio * 0.25, 0.25});
    sum += ratio;
  }
  unit.score = sum / static_cast<double>(model.blocks);  // what the slide says
  return unit;
}

std::vector<ResampledUnit> simulated_group(const CohortModel& model, bool second, std::size_t animals,
                                           NormalStream& normal) {
  std::vector<ResampledUnit> units;
  for (std::size_t i = 0; i < animals; ++i) units.push_back(simulated_unit(model, second, normal));
  return units;
}

std::vector<double> scores_of(const std::vector<ResampledUnit>& units) {
  std::vector<double> scores;
  for (const ResampledUnit& unit : units) scores.push_back(unit.score);
  return scores;
}

struct Counts {
  int permutation = 0, ranks = 0, covered = 0;
  double smallest = 1;

  void add(double p, double p_ranks, const std::optional<EffectInterval>& interval, double truth) {
    constexpr double kRounding = 1e-12;
    permutation += p <= kAlpha + kRounding;
    ranks += p_ranks <= kAlpha + kRounding;
    covered += interval && interval->low <= truth && truth <= interval->high;
    smallest = std::min(smallest, p);
  }
  CohortOutcomes of(int cohorts) const {
    const double n = cohorts;
    return {permutation / n, ranks / n, covered / n, smallest};
  }
};

ResamplingPlan plan_of(const CohortModel& model, int resamples) {
  ResamplingPlan plan;
  plan.resamples = resamples;
  plan.blocks = model.blocks > 0 && model.draw_blocks;
  return plan;
}

}  // namespace

CohortOutcomes simulate_groups(const CohortModel& model, std::size_t animals, int cohorts, int resamples) {
  NormalStream normal(20240217 + animals);
  Counts counts;
  for (int i = 0; i < cohorts; ++i) {
    const auto a = simulated_group(model, false, animals, normal), b = simulated_group(model, true, animals, normal);
    const auto x = scores_of(a), y = scores_of(b);
    counts.add(permutation_test(x, y).p, mann_whitney_test(x, y).p,
               difference_of_medians_interval(a, b, plan_of(model, resamples)), model.true_difference());
  }
  return counts.of(cohorts);
}

CohortOutcomes simulate_pairs(const CohortModel& model, std::size_t animals, int cohorts, int resamples) {
  NormalStream normal(20240218 + animals);
  Counts counts;
  for (int i = 0; i < cohorts; ++i) {
    const auto a = simulated_group(model, false, animals, normal), b = simulated_group(model, true, animals, normal);
    std::vector<double> differences;
    for (std::size_t k = 0; k < animals; ++k) differences.push_back(b[k].score - a[k].score);
    counts.add(sign_flip_test(differences).p, signed_rank_test(differences).p,
               median_difference_interval(a, b, plan_of(model, resamples)), model.shift);
  }
  return counts.of(cohorts);
}

std::vector<CohortModel> usual_models() {
  return {{"normal, no effect", false, 2, 2, 1, 0},          {"normal, shifted", false, 2, 2, 1, -3},
          {"normal, sd 2 and 4", false, 2, 4, 1, -3},        {"log-normal 0.5, no effect", true, 0.5, 0.5, 1, 0},
          {"log-normal 0.5, x 0.4", true, 0.5, 0.5, 0.4, 0}, {"log-normal 1, no effect", true, 1, 1, 1, 0},
          {"log-normal 1, x 0.4", true, 1, 1, 0.4, 0}};
}

}  // namespace hexaplex::test
