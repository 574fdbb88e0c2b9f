#pragma once

#include <string>
#include <vector>

#include "core/compare/study.h"
#include "core/statistics/resample.h"

namespace hexaplex {

/// The score of one animal (or patient) in one organ: a point of the plot.
struct UnitScore {
  std::string unit, arm, organ, timepoint;
  ResampledUnit value;  ///< its blocks are empty where a slide brings none for the score
  std::size_t slides = 0;
  double tissue_mm2 = 0;
};

/// A score of every unit it is known of.
struct ScoreOfUnits {
  std::string score;
  Pooling pooling = Pooling::tissue;
  std::vector<UnitScore> units;    ///< in the order of the study's slides
  std::vector<std::string> notes;  ///< units and blocks left out, and why
};

/// Names of all scores of a study, or of the usual ones that have a value somewhere, in the order in which slides bring
/// them.
std::vector<std::string> score_names(const Study& study, bool usual_only);

/// Pools the slides of each unit, organ, arm and time point. Units for which a slide lacks the score are left out
/// and named. Blocks of all slides of a unit are drawn together; they are left out, and this is said, where their
/// sums do not give the score to 1 %.
/// Throws: InputError for a damaged table of blocks.
ScoreOfUnits score_of_units(const Study& study, const std::string& score);

}  // namespace hexaplex
