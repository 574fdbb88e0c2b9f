#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/compare/unit_scores.h"
#include "core/statistics/resample.h"
#include "core/statistics/significance.h"

namespace hexaplex {

/// One side of a comparison: a group, or a time point.
struct ComparedArm {
  std::string name;
  std::vector<UnitScore> units;  ///< of pairs in the same order on both sides
  double median = 0;
};

/// One score in one organ, between two groups or two time points. Effects are those of `other` against `reference`.
struct Comparison {
  std::string organ, timepoint;
  ComparedArm reference, other;
  double difference = 0;                   ///< groups: of the medians; pairs: median of the differences
  std::optional<EffectInterval> interval;  ///< of `difference`, 95 %; absent for fewer than two units a side
  bool blocks_drawn = false;
  double hodges_lehmann = 0;  ///< pairs: 0, not given
  double rank_biserial = 0;   ///< groups: Cliff's delta; pairs: of signed ranks
  Significance permutation;   ///< of means; of pairs by flipping signs
  Significance ranks;         ///< Mann-Whitney; of pairs Wilcoxon's signed ranks
  double smallest_p = 1;      ///< that these sizes can reach
  double q = 1;               ///< of `permutation`, Benjamini-Hochberg over `family` organs
  std::size_t family = 1;
  std::vector<std::string> left_out;  ///< units of other organs that lack this one, or half a pair
};

/// Everything about one score.
struct ScoreComparison {
  ScoreOfUnits points;
  std::vector<Comparison> comparisons;  ///< by other arm, then time point, then organ
  std::vector<std::string> notes;       ///< those of the points, and organs that could not be compared
};

/// Compares a score between the reference and every other arm of a study, in each organ, and adjusts over organs.
/// Throws: InputError for a damaged table of blocks.
ScoreComparison compare_score(const Study& study, const std::string& score);

}  // namespace hexaplex
