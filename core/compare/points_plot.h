#pragma once

#include <string>

#include "core/compare/comparison.h"

namespace hexaplex {

/// A picture of one score as SVG: organs along x, in each a column for every group or time point with every point and
/// the median as a bar; lines join the time points of a unit; p and q stand below where two arms are compared.
/// Text is in the picture's own font size (12), on white; colours stay apart for colour-blind readers, and the
/// reference's points are hollow. The same comparison gives the same bytes.
std::string points_plot(const Study& study, const ScoreComparison& score);

}  // namespace hexaplex
