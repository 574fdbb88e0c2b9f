#pragma once

#include <cstddef>
#include <filesystem>

#include "core/batch/cohort.h"

namespace hexaplex {

/// How many slides of a cohort are in which state.
struct CohortStates {
  std::size_t done = 0, failed = 0, missing = 0;
};

/// Writes OUT/cohort.csv (one row per slide: what the cohort says of it, its state, cells, tissue, counts) and
/// OUT/cohort_phenotypes.csv (one row per slide and phenotype) from the results that are there. A slide is `failed`
/// where a ledger in OUT says so last, else `done` where its result is there and `missing` where not; only done slides
/// have figures. Both files appear whole, by rename, and hold no times or paths: the same results and states give the
/// same bytes. Who calls holds the TablesLock.
/// Throws: OutputError; InputError for a result whose summary.json is damaged.
CohortStates write_cohort_tables(const Cohort& cohort, const std::filesystem::path& out);

}  // namespace hexaplex
