#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/panel/panel.h"
#include "core/phenotype/positivity.h"

namespace hexaplex {

/// Phenotype of a cell that no rule fits; and of one whose rules hang on a marker that cannot be assessed, or that lies
/// where the slide cannot be; and of one in none of the regions that were drawn.
inline constexpr int kUnclassified = -1, kNotAssessable = -2, kOutsideRegions = -3;

/// First match wins. Returns, per cell, an index into panel.phenotypes, kUnclassified or kNotAssessable.
std::vector<int> classify(const Panel& panel, const Positivity& positivity);

/// "Unclassified", "Not assessable" or the phenotype's name.
std::string phenotype_name(const Panel& panel, int phenotype);

/// For every phenotype, whether its count can be believed: false where its rule names a marker that cannot be assessed,
/// and for all that come after a rule that some cell's answer hung on such a marker.
std::vector<bool> assessable_phenotypes(const Panel& panel, const Positivity& positivity);

}  // namespace hexaplex
