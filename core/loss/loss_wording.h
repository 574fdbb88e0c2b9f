#pragma once

#include <string>
#include <vector>

#include "core/loss/loss_study.h"

namespace hexaplex {

/// A measure as tables and the page show it, in their order.
struct LossMeasure {
  std::string name;   ///< "percent_positive.before"
  std::string title;  ///< "Positive cells, before"
  std::string unit;   ///< "%", "points" or nothing
  const Estimate* estimate = nullptr;
};

/// All measures. They point into `loss`.
std::vector<LossMeasure> measures_of(const AntigenLoss& loss);

/// Whether the antigen was lost, in plain words: what was found, how sure that is, and what follows.
std::string verdict_of(const LossStudy& study);

/// What the figures mean and are worth, for the page.
std::vector<std::string> remarks_of(const LossStudy& study);

/// "61.2 (52.4 to 68.0)", or the value alone; a dash where there is none.
std::string value_text(const LossMeasure& measure);

}  // namespace hexaplex
