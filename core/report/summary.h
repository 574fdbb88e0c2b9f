#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/report/slide_result.h"

namespace hexaplex {

/// Cells of one phenotype. Percent and density are NaN where they have no meaning (no cell, no tissue).
struct PhenotypeCount {
  std::string name;
  bool assessable = true;
  std::size_t count = 0;
  double percent = 0;  ///< of the cells that count
  double per_mm2 = 0;
};

/// Cells that count: all, less those that lie where the slide cannot be assessed.
std::size_t assessable_cell_count(const SlideResult& result);

/// Of the cells that count: the panel's phenotypes in its order, then "Unclassified" and "Not assessable" where there
/// are such cells.
std::vector<PhenotypeCount> count_phenotypes(const SlideResult& result);

/// summary.json.
nlohmann::ordered_json summary_of(const SlideResult& result);

/// Text of a JSON file: two spaces, bytes that are not UTF-8 replaced, a line break at the end.
std::string json_file(const nlohmann::ordered_json& json);

}  // namespace hexaplex
