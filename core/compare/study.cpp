#include "core/compare/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/batch/ledger.h"
#include "core/io/text.h"
#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

// Names in the order in which they are met.
void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// The cells of a cohort by column, empty where the table has no such column.
class CohortCells {
 public:
  explicit CohortCells(const Cohort& cohort) : cohort_(cohort) {
    for (std::size_t i = 0; i < cohort.columns.size(); ++i) at_[cohort.columns[i]] = i;
  }
  bool has(const std::string& column) const { return at_.count(column) != 0; }
  std::string of(const CohortSlide& slide, const std::string& column) const {
    const auto found = at_.find(column);
    return found == at_.end() ? "" : slide.groups[found->second];
  }
  /// A cell that must not be empty where the column is there.
  std::string needed(const CohortSlide& slide, const std::string& column) const {
    const std::string text = of(slide, column);
    if (has(column) && text.empty())
      throw ConfigError(cohort_.file.string(), slide.line,
                        fmt::format("names no {}; fill it in, or remove the row", column));
    return text;
  }
  std::vector<std::string> distinct(const std::string& column) const {
    std::vector<std::string> names;
    for (const CohortSlide& slide : cohort_.slides)
      if (const std::string name = of(slide, column); !name.empty()) add_once(names, name);
    return names;
  }

 private:
  const Cohort& cohort_;
  std::map<std::string, std::size_t> at_;
};

void find_design(const Cohort& cohort, const CohortCells& cells, Study& study) {
  const std::string file = cohort.file.string();
  study.unit = cells.has("animal") ? "animal" : "patient";
  if (!cells.has(study.unit))
    throw ConfigError(
        file, "has no column `animal` or `patient`: cells and slides are not independent, animals are; add one");
  const std::vector<std::string> groups = cells.distinct("group"), timepoints = cells.distinct("timepoint");
  study.paired = groups.size() < 2;
  study.arm = study.paired ? "timepoint" : "group";
  study.arms = study.paired ? timepoints : groups;
  if (study.arms.size() < 2)
    throw ConfigError(
        file,
        "has neither two groups nor two time points to compare; fill in the column `group`, or `timepoint` "
        "for slides of the same " +
            study.unit);
}

void put_first(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  std::rotate(names.begin(), found, found + 1);
}

void choose_reference(const std::string& control, Study& study) {
  if (!control.empty()) {
    if (std::find(study.arms.begin(), study.arms.end(), control) == study.arms.end())
      throw InvalidArgument(fmt::format("--control {}: the cohort's column `{}` holds {}{}", control, study.arm,
                                        listed(study.arms), did_you_mean(control, study.arms)));
    put_first(study.arms, control);
    study.reference_why = "as asked";
    return;
  }
  std::vector<std::string> controls;
  if (!study.paired)
    for (const std::string& name : study.arms)
      for (const char* known : {"vehicle", "control", "untreated"})
        if (to_lower(name) == known) controls.push_back(name);
  study.reference_why = controls.size() == 1 ? "found by its name" : "the first of the cohort";
  if (controls.size() == 1) put_first(study.arms, controls.front());
}

// A unit of two groups is two animals of one name, or a mistake.
void check_units(const Cohort& cohort, const CohortCells& cells, const Study& study) {
  std::map<std::string, const CohortSlide*> first;
  for (const CohortSlide& slide : cohort.slides) {
    const std::string group = cells.of(slide, "group"), unit = cells.of(slide, study.unit);
    if (group.empty()) continue;
    const auto [at, fresh] = first.try_emplace(unit, &slide);
    if (!fresh && cells.of(*at->second, "group") != group)
      throw ConfigError(
          cohort.file.string(), slide.line,
          fmt::format("{} {} is in the group {} here and in {} in line {}; give every {} a name of its "
                      "own, or leave out the column `group` to compare time points within each",
                      study.unit, unit, group, cells.of(*at->second, "group"), at->second->line, study.unit));
  }
}

// The regions of a slide, each as if it were a slide of its own organ.
std::vector<StudySlide> regions_of(const StudySlide& slide, const fs::path& results) {
  std::vector<StudySlide> parts;
  for (auto& [name, scores] : read_region_scores(results / slide.stem)) {
    parts.push_back(slide);
    parts.back().organ = slide.organ.empty() ? name : slide.organ + ": " + name;
    parts.back().scores = std::move(scores);
  }
  return parts;
}

}  // namespace

Study read_study(const Cohort& cohort, const fs::path& results, const std::string& control, bool by_region) {
  Study study;
  const CohortCells cells(cohort);
  find_design(cohort, cells, study);
  choose_reference(control, study);
  if (!study.paired) check_units(cohort, cells, study);
  const auto last = last_states(results);
  std::vector<std::string> without_result, without_arm, without_regions;
  for (const CohortSlide& slide : cohort.slides) {
    StudySlide one{slide.stem,
                   cells.needed(slide, study.unit),
                   cells.of(slide, study.arm),
                   cells.needed(slide, "organ"),
                   study.paired ? "" : cells.needed(slide, "timepoint"),
                   {}};
    const auto state = last.find(slide.stem);
    std::error_code error;
    if (one.arm.empty()) {
      without_arm.push_back(slide.stem);
    } else if ((state != last.end() && state->second == "failed") ||
               !fs::exists(results / slide.stem / "summary.json", error)) {
      without_result.push_back(slide.stem);
    } else {
      std::vector<StudySlide> parts = by_region ? regions_of(one, results) : std::vector<StudySlide>{};
      if (by_region && parts.empty()) without_regions.push_back(slide.stem);
      if (!by_region) {
        one.scores = read_slide_scores(results / slide.stem);
        parts.push_back(std::move(one));
      }
      for (StudySlide& part : parts) {
        add_once(study.organs, part.organ);
        add_once(study.timepoints, part.timepoint);
        study.slides.push_back(std::move(part));
      }
    }
  }
  if (study.slides.empty() && !without_regions.empty())
    throw InputError(results.string(),
                     "holds no result with regions; run its slides with --regions, or compare without --by-region");
  if (study.slides.empty())
    throw InputError(results.string(), "holds no result of a slide of this cohort; run `hexaplex batch` into it first");
  if (!without_arm.empty())
    study.notes.push_back(fmt::format("Left out, the cohort names no {}: {}.", study.paired ? "time point" : "group",
                                      listed(without_arm)));
  if (!without_regions.empty())
    study.notes.push_back(fmt::format("Left out, no regions were drawn: {}.", listed(without_regions)));
  if (!without_result.empty())
    study.notes.push_back(fmt::format("Left out, there is no result: {}.", listed(without_result)));
  return study;
}

}  // namespace hexaplex
