#include "core/statistics/resample.h"

#include <algorithm>
#include <cmath>

#include "core/statistics/effect.h"
#include "core/statistics/quantile.h"
#include "core/statistics/random_stream.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kSeed = 0x494e54455256414cu;  // "INTERVAL"

void check_units(std::span<const ResampledUnit> units, bool blocks) {
  HX_EXPECT(!units.empty(), "a group needs a unit");
  for (const ResampledUnit& unit : units) {
    HX_EXPECT(std::isfinite(unit.score), "a unit's score is not finite");
    if (!blocks) continue;
    double tissue = 0;
    for (const RatioBlock& block : unit.blocks) {
      HX_EXPECT(std::isfinite(block.numerator) && std::isfinite(block.denominator) && block.denominator >= 0,
                "a block needs finite numbers and tissue of 0 or more");
      tissue += block.denominator;
    }
    HX_EXPECT(tissue > 0, "blocks can only be drawn of a unit that has some with tissue");
  }
}

void check_plan(const ResamplingPlan& plan) {
  HX_EXPECT(plan.resamples >= 100, "100 resamples are the least");
  HX_EXPECT(plan.level > 0 && plan.level < 1, "the level lies between 0 and 1");
}

double drawn_score(const ResampledUnit& unit, bool blocks, RandomStream& random) {
  if (!blocks) return unit.score;
  for (;;) {  // a draw without any tissue has no score: it is drawn again
    double numerator = 0, denominator = 0;
    for (std::size_t i = 0; i < unit.blocks.size(); ++i) {
      const RatioBlock& block = unit.blocks[random.below(unit.blocks.size())];
      numerator += block.numerator;
      denominator += block.denominator;
    }
    if (denominator > 0) return numerator / denominator;
  }
}

double drawn_median(std::span<const ResampledUnit> units, bool blocks, RandomStream& random,
                    std::vector<double>& scores) {
  scores.clear();
  for (std::size_t i = 0; i < units.size(); ++i)
    scores.push_back(drawn_score(units[random.below(units.size())], blocks, random));
  return median(scores);
}

EffectInterval middle(std::vector<double> effects, double level) {
  std::sort(effects.begin(), effects.end());
  return {quantile_of_sorted(effects, (1 - level) / 2), quantile_of_sorted(effects, 1 - (1 - level) / 2)};
}

}  // namespace

std::optional<EffectInterval> difference_of_medians_interval(std::span<const ResampledUnit> a,
                                                             std::span<const ResampledUnit> b,
                                                             const ResamplingPlan& plan) {
  check_plan(plan);
  check_units(a, plan.blocks);
  check_units(b, plan.blocks);
  if (a.size() < 2 || b.size() < 2) return std::nullopt;
  RandomStream random(kSeed);
  std::vector<double> effects, scores;
  for (int r = 0; r < plan.resamples; ++r) {
    const double of_a = drawn_median(a, plan.blocks, random, scores);
    effects.push_back(drawn_median(b, plan.blocks, random, scores) - of_a);
  }
  return middle(std::move(effects), plan.level);
}

std::optional<EffectInterval> median_difference_interval(std::span<const ResampledUnit> first,
                                                         std::span<const ResampledUnit> second,
                                                         const ResamplingPlan& plan) {
  check_plan(plan);
  HX_EXPECT(first.size() == second.size(), "pairs need two units each");
  check_units(first, plan.blocks);
  check_units(second, plan.blocks);
  if (first.size() < 2) return std::nullopt;
  RandomStream random(kSeed);
  std::vector<double> effects, differences;
  for (int r = 0; r < plan.resamples; ++r) {
    differences.clear();
    for (std::size_t i = 0; i < first.size(); ++i) {
      const std::size_t pair = random.below(first.size());
      const double before = drawn_score(first[pair], plan.blocks, random);
      differences.push_back(drawn_score(second[pair], plan.blocks, random) - before);
    }
    effects.push_back(median(differences));
  }
  return middle(std::move(effects), plan.level);
}

}  // namespace hexaplex
