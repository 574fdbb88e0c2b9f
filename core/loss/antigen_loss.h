#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/statistics/block_sample.h"
#include "core/statistics/resample.h"

namespace hexaplex {

/// Fewest blocks (by BlockSample::effective_blocks, rounded down) from which an interval is given.
inline constexpr std::size_t kFewestBlocks = 6;

/// A number, how sure it is, and in a sentence what is missing.
struct Estimate {
  std::optional<double> value;
  std::optional<EffectInterval> interval;  ///< 95 %
  std::string note;                        ///< why there is no value or no interval; empty where both are there
};

/// A measure before, after, and after less before.
struct BeforeAfter {
  Estimate before, after, difference;
};

/// What a marker's values without the antigen are.
struct ControlLevel {
  double median_before = 0, median_after = 0;  ///< taken off the medians of either sample
  std::optional<BlockSample> cells{};          ///< of a control slide that both samples share: drawn with them
};

/// The loss of an antigen between two samples of one patient.
struct AntigenLoss {
  BeforeAfter percent_positive;   ///< cells from the first bin on; differences in points
  BeforeAfter h_score;            ///< 0 .. 300
  BeforeAfter above_control;      ///< median of the cells less that of the control
  double low_percent_before = 0;  ///< cells below the 5 % quantile of the cells before: about 5
  Estimate low_percent_after;     ///< cells after that are below it, each above its own control
  Estimate loss_percent;  ///< 100 (1 - after / before) of the medians above control; 100 at most, negative: a gain
  std::size_t blocks_before = 0, blocks_after = 0;
  double effective_blocks_before = 0, effective_blocks_after = 0;
  double control_before = 0, control_after = 0;
};

/// Compares two samples whose cells lie in blocks of tissue. Blocks are drawn 10,000 times with a fixed seed, one fewer
/// than there are (which makes the spread of draws that of the estimate); intervals: core/statistics/few_blocks.h.
///
/// Nothing to lose: where the median before is not above control there is no loss. A median after that is below control
/// counts as 0: a loss of 100 %. Where the median before is not above control in one of 200 draws or more, the loss has
/// no interval, since none is bounded.
/// @param bins  values from which a cell is 1+, 2+, 3+; ascending
/// Throws: InvalidArgument for bins that do not ascend
/// Source: H-score: core/score/score.h; draws of n - 1: B. Efron, The Jackknife, the Bootstrap, 1982, 8.3
AntigenLoss measure_loss(const BlockSample& before, const BlockSample& after, const std::array<double, 3>& bins,
                         const ControlLevel& control);

}  // namespace hexaplex
