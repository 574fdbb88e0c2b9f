#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/compare/comparison.h"

namespace hexaplex {

struct ComparisonOptions {
  std::filesystem::path results{};    ///< folder of `hexaplex run` or `batch`
  std::filesystem::path out{};        ///< becomes the comparison's folder
  std::vector<std::string> scores{};  ///< by name; empty: the usual ones
  std::string control{};              ///< the reference's name; empty: found (core/compare/study.h)
  bool by_region = false;             ///< regions that were drawn stand for organs (core/compare/study.h)
  bool overwrite = false;             ///< an earlier comparison in `out` is replaced; nothing else ever is
};

/// What was compared, for who asked.
struct ComparisonOutcome {
  std::size_t scores = 0, comparisons = 0;
  std::vector<std::string> notes;
};

/// Compares the groups or time points of a cohort and publishes comparison.csv, comparison.json, animals.csv,
/// comparison.html and a plot_SCORE.svg for each score as one folder `out`: whole or not at all. The same results
/// and cohort give the same bytes.
/// Throws: what read_study throws; InvalidArgument for an unknown score; OutputError for an existing folder (with
///         `overwrite`, for one that is no comparison) or where it cannot be written.
ComparisonOutcome publish_comparison(const Cohort& cohort, const ComparisonOptions& options);

}  // namespace hexaplex
