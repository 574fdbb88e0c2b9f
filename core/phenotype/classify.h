#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/panel/panel.h"
#include "core/phenotype/positivity.h"

namespace hexaplex {

/// Phenotype of a cell that no rule fits, and of one whose rules hang on a marker that cannot be assessed.
inline constexpr int kUnclassified = -1, kNotAssessable = -2;

/// First match wins. Returns, per cell, an index into panel.phenotypes, kUnclassified or kNotAssessable.
std::vector<int> classify(const Panel& panel, const Positivity& positivity);

/// "Unclassified", "Not assessable" or the phenotype's name.
std::string phenotype_name(const Panel& panel, int phenotype);

/// For every phenotype, whether it can be assessed: false where its rule, or that of an earlier phenotype, names a
/// marker that cannot and the answer hangs on it for some cell.
std::vector<bool> assessable_phenotypes(const Panel& panel, const Positivity& positivity);

}  // namespace hexaplex
