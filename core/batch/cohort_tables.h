#pragma once

#include <filesystem>

#include "core/batch/cohort.h"

namespace hexaplex {

/// Writes OUT/cohort.csv (one row per slide: what the cohort says of it, its state, cells, tissue, counts) and
/// OUT/cohort_phenotypes.csv (one row per slide and phenotype) from the results that are there. A slide is `done`,
/// `failed` or `missing`; only done slides have figures. Both files appear whole, by rename, and hold no times or
/// paths: the same results give the same bytes.
/// Throws: OutputError; InputError for a result whose summary.json is damaged.
void write_cohort_tables(const Cohort& cohort, const std::filesystem::path& out);

}  // namespace hexaplex
