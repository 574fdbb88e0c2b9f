#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hexaplex {

/// One slide of a cohort.
struct CohortSlide {
  int line = 0;                ///< of the table, from 1
  std::filesystem::path path;  ///< relative paths were taken from the table's folder
  std::string stem;            ///< S of DIR/S; no two slides share one
  std::optional<std::string> panel;
  std::optional<std::filesystem::path> regions;  ///< what is drawn on it; relative as the slide's path
  /// What the table says of it under the cohort's columns, in their order; empty where a cell is.
  std::vector<std::string> groups;
};

/// Slides to be analysed together, and what they are grouped by.
struct Cohort {
  std::filesystem::path file;
  std::vector<std::string> columns;  ///< of patient, group, timepoint, organ, animal those that the table has
  std::vector<CohortSlide> slides;   ///< in the order of the table
  std::vector<std::string> warnings;
};

/// Reads COHORT.csv: the column `slide`, and any of patient, group, timepoint, organ, animal, panel, regions. Other
/// columns are named in a warning and left out. Whether the slides are there is not asked: a missing one is that
/// slide's failure. Throws: ConfigError (file, line, mend) for a table without slides or without the column, an unknown
/// look-alike of a
///         column, a row of another length, a slide without a name, or two slides of one stem; InputError where the
///         table cannot be read.
Cohort read_cohort(const std::filesystem::path& file);

/// One share of a cohort: every count-th slide from the index-th. Shares hold the same slides wherever they run.
struct Shard {
  int index = 1;  ///< 1 .. count
  int count = 1;
  bool holds(std::size_t position) const {
    return static_cast<int>(position % static_cast<std::size_t>(count)) == index - 1;
  }
  bool whole() const { return count == 1; }
};

/// "2/5". Throws: InvalidArgument.
Shard parse_shard(const std::string& text);

}  // namespace hexaplex
