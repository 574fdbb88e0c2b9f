#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/statistics/resample.h"

namespace hexaplex {

/// How the scores of several slides of one animal and organ become one.
enum class Pooling {
  tissue,  ///< mean weighted by tissue_mm2: densities, fractions, scores
  cells,   ///< mean weighted by the cells that count: percentages of cells, H-scores
  sum,     ///< counts are added up
};

std::string_view name_of(Pooling pooling);

/// One number of a slide's summary.
struct SlideScore {
  std::string name;             ///< its path in summary.json: "phenotypes.Myeloblast.percent"
  std::optional<double> value;  ///< absent where the summary says that it has no meaning
  Pooling pooling = Pooling::tissue;
  bool usual = false;  ///< compared unless others are asked for
};

/// A slide's blocks.csv: the numbers that its scores are made of, block by block.
struct BlockTable {
  std::filesystem::path file;
  std::vector<std::string> columns;
  std::vector<int> lines;                      ///< of each row, in the file
  std::vector<std::vector<std::string>> rows;  ///< as many fields as columns
};

/// What a slide's result says in numbers.
struct SlideScores {
  std::vector<SlideScore> scores;  ///< in the order of the summary, no name twice
  double tissue_mm2 = 0, cells = 0;
  std::optional<BlockTable> blocks;
};

/// Reads summary.json of a result's folder, and blocks.csv where it is there. Every number of the summary but
/// those of `regions` is a score; the usual ones are percentages and densities of phenotypes, the density of all cells,
/// and those of `infiltration` and `scores` that are neither counts nor parts of others (quartiles, the two sides of
/// Allred's score). Phenotypes that the summary calls not assessable have no values. Throws: InputError for a damaged
/// summary or table.
SlideScores read_slide_scores(const std::filesystem::path& folder);

/// What a slide's result says of the regions that were drawn on it, by their names in alphabetical order: the same
/// scores, and blocks of region_blocks.csv. Empty where none were drawn.
/// Throws: as read_slide_scores
std::vector<std::pair<std::string, SlideScores>> read_region_scores(const std::filesystem::path& folder);

/// The blocks of a score that is a ratio of columns: NAME_per_mm2 is NAME over tissue_mm2, NAME_fraction is
/// NAME_mm2 over tissue_mm2, NAME being the last part of the score's path. Empty where the table has no such
/// columns.
/// Throws: InputError (file, line) for a field that is no number of 0 or more.
std::vector<RatioBlock> ratio_blocks(const BlockTable& table, const std::string& score);

}  // namespace hexaplex
