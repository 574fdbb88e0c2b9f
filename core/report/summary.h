#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
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

/// The same of cells that are given.
/// @param counted  per cell 1 or 0; empty: all
std::vector<PhenotypeCount> count_phenotypes(const SlideResult& result, std::span<const std::uint8_t> counted,
                                             double tissue_mm2);

/// Cells that lie in none of the regions that were drawn; 0 where none were.
std::size_t outside_cell_count(const SlideResult& result);

/// Names of a cell's regions, joined by ";"; empty: it lies in none.
std::string region_names(const SlideResult& result, std::size_t cell);

/// summary.json.
nlohmann::ordered_json summary_of(const SlideResult& result);

/// Text of a JSON file: two spaces, bytes that are not UTF-8 replaced, a line break at the end.
std::string json_file(const nlohmann::ordered_json& json);

}  // namespace hexaplex
