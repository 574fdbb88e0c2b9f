#pragma once

#include <string>
#include <vector>

#include "core/compare/comparison.h"

namespace hexaplex {

/// comparison.html: for each score its plot, a sentence for each organ and a table. One file that asks no network.
std::string comparison_page(const Study& study, const std::vector<ScoreComparison>& scores);

}  // namespace hexaplex
