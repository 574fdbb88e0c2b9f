#pragma once

#include <optional>
#include <span>
#include <vector>

namespace hexaplex {

/// A block of tissue: what is counted in it, and the tissue it is counted on. A score is the ratio of their sums.
struct RatioBlock {
  double numerator = 0;
  double denominator = 0;  ///< 0 or more
};

/// An independent unit of a study (an animal, a patient): its score, and the blocks that make it, where they are known.
struct ResampledUnit {
  double score = 0;
  std::vector<RatioBlock> blocks;
};

/// Ends of an interval of an effect.
struct EffectInterval {
  double low = 0, high = 0;
};

/// How intervals are found. The seed is fixed: the same scores give the same interval everywhere.
struct ResamplingPlan {
  int resamples = 10000;  ///< 100 or more
  double level = 0.95;    ///< 0 < level < 1
  bool blocks = false;    ///< blocks are drawn within each drawn unit; every unit needs some, with tissue
};

/// Interval of the difference of two medians, median(b) - median(a), by resampling: as many units as there are,
/// drawn with replacement from each group, and with `blocks` as many blocks of each drawn unit; the interval holds
/// the middle `level` of the differences. Absent where a group has fewer than two units. Coverage, measured by
/// groups' size: docs/decisions/0801-group-intervals.md.
/// Throws: InvalidArgument for an empty group, a score that is not finite, a plan outside its ranges, missing
///         blocks.
/// Source: Efron 1979 (percentile method); Davison, Hinkley 1997, 3.8 (two levels).
std::optional<EffectInterval> difference_of_medians_interval(std::span<const ResampledUnit> a,
                                                             std::span<const ResampledUnit> b,
                                                             const ResamplingPlan& plan);

/// The same of the median of differences within pairs, second[i] - first[i]: pairs are drawn, and blocks within both of
/// their units. Absent for fewer than two pairs.
std::optional<EffectInterval> median_difference_interval(std::span<const ResampledUnit> first,
                                                         std::span<const ResampledUnit> second,
                                                         const ResamplingPlan& plan);

}  // namespace hexaplex
