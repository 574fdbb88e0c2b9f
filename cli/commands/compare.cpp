// `hexaplex compare`: groups or time points of a cohort, by the results of its slides.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/command.h"
#include "core/batch/cohort.h"
#include "core/compare/publish_comparison.h"

namespace hexaplex::cli {

AddCommand add_compare_command;

namespace {

struct CompareArguments {
  std::string cohort;
  ComparisonOptions options;
};

int compare(const CompareArguments& a, const Log& log) {
  const Cohort cohort = read_cohort(a.cohort);
  for (const std::string& warning : cohort.warnings) log.warning(warning);
  const ComparisonOutcome outcome = publish_comparison(cohort, a.options);
  for (const std::string& note : outcome.notes) log.warning(note);
  log.note(fmt::format("{} comparisons of {} scores: {}", outcome.comparisons, outcome.scores,
                       (a.options.out / "comparison.html").string()));
  return kOk;
}

}  // namespace

void add_compare_command(CLI::App& program, Context& context) {
  auto a = std::make_shared<CompareArguments>();
  CLI::App* command = program.add_subcommand("compare", "Compare groups or time points of a cohort, by its results");
  command->add_option("RESULTS", a->options.results, "DIR of hexaplex run or batch")->required();
  command
      ->add_option("--cohort", a->cohort,
                   "CSV with columns slide, animal or patient, group or timepoint, and organ where there are several")
      ->required();
  command->add_option("--out", a->options.out, "Folder that the comparison becomes")->required();
  command
      ->add_option("--score", a->options.scores,
                   "A number of summary.json, as phenotypes.NAME.percent; may be given again. Else the usual ones")
      ->allow_extra_args(false);
  command->add_option("--control", a->options.control,
                      "Group (or time point) that the others are compared with; else one called vehicle, control or "
                      "untreated, or the first");
  command->add_flag("--by-region", a->options.by_region,
                    "Compare each region that was drawn (hexaplex run --regions) by itself, as organs are");
  command->add_flag("--overwrite", a->options.overwrite, "Replace an earlier comparison");
  command->callback([a, &context] { context.run = [a, &context] { return compare(*a, context.log); }; });
}

}  // namespace hexaplex::cli
