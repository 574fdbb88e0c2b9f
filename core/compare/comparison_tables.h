#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/compare/comparison.h"

namespace hexaplex {

/// comparison.csv: a row for each score, pair of groups or time points, and organ. Numbers are in the summary's units.
std::string comparison_csv(const Study& study, const std::vector<ScoreComparison>& scores);

/// animals.csv: every point, a row for each score, unit, organ and group or time point.
std::string animals_csv(const Study& study, const std::vector<ScoreComparison>& scores);

/// The comparisons of comparison.json, with the points of each side.
nlohmann::ordered_json comparison_json(const Study& study, const std::vector<ScoreComparison>& scores);

}  // namespace hexaplex
