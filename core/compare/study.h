#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/batch/cohort.h"
#include "core/compare/slide_scores.h"

namespace hexaplex {

/// A slide of a study, with its result.
struct StudySlide {
  std::string stem, unit, arm, organ;
  std::string timepoint;  ///< where groups are compared at each time point; else empty
  SlideScores scores;
};

/// What a cohort asks to be compared, and the results it has.
struct Study {
  std::string unit;                             ///< what is independent: "animal" or "patient"
  bool paired = false;                          ///< time points within units; otherwise groups of units
  std::string arm;                              ///< the column that tells them apart: "group" or "timepoint"
  std::vector<std::string> arms;                ///< two or more; the first is the reference
  std::string reference_why;                    ///< how the reference was chosen
  std::vector<std::string> organs, timepoints;  ///< in the table's order; one empty name where the column is missing
  std::vector<StudySlide> slides;               ///< those with a result, in the table's order
  std::vector<std::string> notes;               ///< what was left out, and why
};

/// Finds the design of a cohort and the results of its slides in `results`, the folder of `hexaplex run` or
/// `batch`.
///
/// The unit is the column `animal`, else `patient`. Two groups or more: groups are compared, at each time point
/// where there are several. Else two time points or more: they are compared within units. The reference is
/// `control`, else the one group called vehicle, control or untreated (in any case), else the first of the table;
/// of time points the first. Slides without a group, or without a result (or whose batch failed last), are left out
/// and named.
/// Throws: ConfigError (file, line, mend) for a cohort without units or without two groups or time points, a row
///         without its unit, organ or time point, a unit in two groups; InvalidArgument for an unknown control;
///         InputError where `results` holds no result of the cohort, or a damaged one.
/// @param by_region  every region that was drawn on a slide stands for an organ, under its name (behind that of the
///                   slide's organ, where the table has one); slides without regions are left out and named
Study read_study(const Cohort& cohort, const std::filesystem::path& results, const std::string& control,
                 bool by_region = false);

}  // namespace hexaplex
