// `hexaplex run`: slides in, one result folder for each out.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/slide_options.h"
#include "cli/slide_progress.h"
#include "core/io/slide.h"
#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "core/regions/drawn_regions.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::cli {

AddCommand add_run_command;

namespace {

struct RunArguments {
  std::vector<std::string> inputs;
  SlideArguments slide;
  std::string labels;
  bool resume = false, overwrite = false, dry_run = false;
};

void check_stems(const std::vector<std::string>& inputs) {
  std::map<std::string, std::string> seen;
  for (const std::string& input : inputs) {
    const auto [at, fresh] = seen.try_emplace(slide_stem(input), input);
    if (!fresh)
      throw InvalidArgument(
          fmt::format("{} and {} would both write the result folder {}; run them with different --out", at->second,
                      input, at->first));
  }
}

RunOptions resolve(const RunArguments& a) {
  RunOptions o = run_options(a.slide);
  o.existing = a.overwrite ? Existing::overwrite : Existing::refuse;
  o.resume = a.resume;
  o.dry_run = a.dry_run;
  if (!a.labels.empty()) o.labels = a.labels;
  if (!a.slide.regions.empty()) o.regions = a.slide.regions;
  if (o.resume && a.overwrite) throw InvalidArgument("--resume and --overwrite exclude each other");
  std::error_code error;
  if (a.inputs.size() > 1 && !a.slide.regions.empty() && !std::filesystem::is_directory(a.slide.regions, error))
    throw InvalidArgument("--regions " + a.slide.regions.string() +
                          " is one drawing for several slides; give a folder with S.geojson for each slide S");
  if (a.inputs.size() > 1 && o.labels) throw InvalidArgument("--labels belongs to one slide; give one INPUT at a time");
  return o;
}

void say_outcome(const std::string& input, const RunOutcome& outcome, const Log& log) {
  if (!outcome.plan.empty()) {
    fmt::print("{}\n", outcome.plan);
    return;
  }
  for (const std::string& warning : outcome.warnings) log.warning(fmt::format("{}: {}", input, warning));
  if (outcome.resumed) {
    log.note(fmt::format("{}: {} is complete and up to date", input, outcome.result.string()), "resumed");
  } else {
    log.note(fmt::format("{}: {} cells, {}", input, outcome.cells, outcome.result.string()), "done");
  }
}

// One slide, its progress told under its name.
void run_one(const std::string& input, const Panel& panel, RunOptions options, const Log& log) {
  RunOutcome outcome;
  if (options.regions) options.regions = regions_file(*options.regions, slide_stem(input));
  {
    SlideProgress progress(log, slide_stem(input));
    options.progress = [&](const std::string& stage) { progress.begin(stage); };
    outcome = run_slide(input, panel, options);
  }
  say_outcome(input, outcome, log);
}

int run(const RunArguments& arguments, const Context& context) {
  const RunOptions options = resolve(arguments);
  say_device(options.device, context.log);
  check_stems(arguments.inputs);
  set_cpu_threads(arguments.slide.threads);
  const Panel panel = load_panel(arguments.slide.panel, arguments.slide.classifier);
  if (arguments.inputs.size() == 1) {
    run_one(arguments.inputs[0], panel, options, context.log);
    return kOk;
  }
  // One bad slide does not stop the others.
  std::size_t failed = 0;
  for (const std::string& input : arguments.inputs) {
    const int code = run_and_report(context.log, [&] {
      run_one(input, panel, options, context.log);
      return kOk;
    });
    if (code > kInterrupted) return code;
    if (code != kOk) ++failed;
  }
  if (failed == 0) return kOk;
  context.log.error(fmt::format("{} of {} inputs failed; the others are complete", failed, arguments.inputs.size()),
                    kSomeInputsFailed);
  return kSomeInputsFailed;
}

}  // namespace

void add_run_command(CLI::App& program, Context& context) {
  auto a = std::make_shared<RunArguments>();
  CLI::App* command = program.add_subcommand("run", "Turn slides into cells, phenotypes and tables");
  command->add_option("INPUT", a->inputs, "Slides: TIFF of any kind, PNG, JPEG, or a folder with one TIFF per channel")
      ->required();
  add_slide_options(*command, a->slide);
  command->add_option("--labels", a->labels, "Mask with objects to measure instead of segmenting");
  command->add_flag("--resume", a->resume, "Leave complete results of the same input and parameters alone");
  command->add_flag("--overwrite", a->overwrite, "Replace existing results");
  command->add_flag("--dry-run", a->dry_run, "Check inputs, panel and library, say what would be done, write nothing");
  command->callback([a, &context] { context.run = [a, &context] { return run(*a, context); }; });
}

}  // namespace hexaplex::cli
