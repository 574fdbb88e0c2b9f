#pragma once

#include <string>
#include <vector>

#include "core/loss/loss_study.h"

namespace hexaplex {

/// How the values of both samples are spread, over the same steps.
struct LossDistribution {
  std::vector<double> edges;          ///< one more than there are steps; the last step holds all above too
  std::vector<double> before, after;  ///< percent of the cells of each step
};

/// 40 steps from the lowest value (0 where none is below) to the 99.5 % quantile of the higher sample.
LossDistribution distribution_of(const LossStudy& study);

/// distribution.csv: from, to, percent before, percent after.
std::string distribution_csv(const LossDistribution& distribution);

/// Both histograms beside each other over the same axes as SVG, with the medians, the control, and where 1+, 2+ and 3+
/// begin. The same study, the same bytes.
std::string distribution_plot(const LossStudy& study, const LossDistribution& distribution);

}  // namespace hexaplex
