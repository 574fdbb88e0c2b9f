// `hexaplex batch`: a cohort of slides, a process for each.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/byte_size.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/slide_options.h"
#include "core/batch/run_batch.h"
#include "core/panel/load_panel.h"
#include "core/pipeline/classify_cells.h"
#include "core/quality/damage.h"
#include "kernels/runtime/error.h"

namespace hexaplex::cli {

AddCommand add_batch_command;

namespace {

constexpr int kThreadsPerJob = 4;  // beyond, a slide's serial steps leave cores idle

// When the cohort's tables are written.
enum class Tables { after, never, only };

const std::map<std::string, Tables>& tables_names() {
  static const std::map<std::string, Tables> names{
      {"after", Tables::after}, {"never", Tables::never}, {"only", Tables::only}};
  return names;
}

struct BatchArguments {
  std::string cohort, shard = "1/1";
  Tables tables = Tables::after;
  SlideArguments slide;
  int jobs = 0, retries = 1;
  bool resume = false;
};

std::string this_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw Error("this program's own file cannot be found: " + error.message());
  return path.string();
}

int choose_jobs(const BatchArguments& a) {
  if (a.jobs > 0) return a.jobs;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return std::max(1, (a.slide.threads > 0 ? a.slide.threads : cores) / kThreadsPerJob);
}

std::vector<std::string> worker_command(const std::string& program, const BatchArguments& a, const CohortSlide& slide,
                                        const Share& share) {
  std::vector<std::string> words{program, "--log-format", "json", "run", slide.path.string(), "--resume"};
  const auto add = [&words](const char* option, std::string value) {
    words.emplace_back(option);
    words.push_back(std::move(value));
  };
  add("--panel", slide.panel.value_or(a.slide.panel));
  add("--out", a.slide.out.string());
  add("--threads", std::to_string(share.threads));
  const std::filesystem::path regions = slide.regions.value_or(a.slide.regions);
  if (!regions.empty()) add("--regions", regions.string());
  if (share.memory_bytes > 0) add("--memory-limit", std::to_string(share.memory_bytes));
  for (std::string& word : as_words(a.slide, share.jobs)) words.push_back(std::move(word));
  return words;
}

// A wrong panel is every slide's failure: better said before the first one.
void check_panels(const Cohort& cohort, const SlideArguments& slides, const Log& log) {
  std::vector<std::string> names{slides.panel};
  for (const CohortSlide& slide : cohort.slides)
    if (slide.panel) names.push_back(*slide.panel);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names) {
    const Panel panel = load_panel(name, slides.classifier);
    if (lacks_classifier(panel)) log.warning(why_unclassified(panel));
    if (slides.damaged_tiles == DamagedTiles::not_assessable) require_mask_for_damage(panel);
  }
}

void check_regions(const std::filesystem::path& regions) {
  std::error_code error;
  if (!regions.empty() && !std::filesystem::is_directory(regions, error))
    throw InvalidArgument(
        "--regions " + regions.string() +
        " is no folder; give one with S.geojson for each slide S, or a column `regions` in the cohort");
}

std::string time_left(double seconds) {
  if (seconds < 0) return "";
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) return fmt::format(", {} s left", whole);
  if (whole < 3600) return fmt::format(", {} min left", (whole + 30) / 60);
  return fmt::format(", {} h {:02} min left", whole / 3600, whole % 3600 / 60);
}

Cohort read_and_warn(const std::string& file, const Log& log) {
  Cohort cohort = read_cohort(file);
  for (const std::string& warning : cohort.warnings) log.warning(warning);
  return cohort;
}

int write_tables_only(const BatchArguments& a, const Log& log) {
  if (!parse_shard(a.shard).whole())
    throw InvalidArgument("--tables only is about the whole cohort; leave out --shard");
  const CohortStates states = complete_tables(read_and_warn(a.cohort, log), a.slide.out);
  log.note(fmt::format("tables: {} ({} slides done, {} failed, {} missing)", (a.slide.out / "cohort.csv").string(),
                       states.done, states.failed, states.missing));
  return kOk;
}

int run(const BatchArguments& a, const Context& context) {
  if (a.tables == Tables::only) return write_tables_only(a, context.log);
  const Log& log = context.log;
  BatchOptions options;
  options.shard = parse_shard(a.shard);
  options.out = a.slide.out;
  options.resume = a.resume;
  options.jobs = choose_jobs(a);
  options.threads = a.slide.threads;
  options.retries = a.retries;
  options.tables = a.tables == Tables::after;
  const RunOptions asked = run_options(a.slide);  // refuses what every worker would refuse
  if (!a.slide.memory_limit.empty() && a.slide.memory_limit != "0")
    options.memory_bytes = parse_byte_size(a.slide.memory_limit);
  const Cohort cohort = read_and_warn(a.cohort, log);
  check_panels(cohort, a.slide, log);
  check_regions(a.slide.regions);
  require_some_device(asked.device);
  const std::string program = this_program();
  options.asked = {{"panel", a.slide.panel}, {"options", as_words(a.slide)}, {"retries", a.retries}};
  if (!a.slide.regions.empty()) options.asked["regions"] = a.slide.regions.string();
  options.command = [&](const CohortSlide& slide, const Share& share) {
    return worker_command(program, a, slide, share);
  };
  options.stop = interrupt_signal;
  options.warn = [&](const std::string& sentence) { log.warning(sentence); };
  BatchOutcome outcome;
  {
    Progress progress(log, "batch");
    options.progress = [&](const BatchOptions::Progress& p) {
      std::string step = fmt::format("{} of {} slides", p.done + p.failed, p.slides);
      if (p.failed > 0) step += fmt::format(", {} failed", p.failed);
      progress.show(step + time_left(p.seconds_left), p.fraction);
    };
    outcome = run_batch(cohort, options);
  }
  if (outcome.signal != 0) throw Interrupted{outcome.signal};
  const std::string tables = options.tables ? "; tables: " + (options.out / "cohort.csv").string() : "";
  log.note(fmt::format("{} slides done ({} were complete already), {} failed{}", outcome.done, outcome.resumed,
                       outcome.failed, tables));
  if (outcome.failed == 0) return kOk;
  log.error(fmt::format("{} of {} slides failed; the ledger in {} says why, the others are complete", outcome.failed,
                        outcome.done + outcome.failed, options.out.string()),
            kSomeInputsFailed);
  return kSomeInputsFailed;
}

}  // namespace

void add_batch_command(CLI::App& program, Context& context) {
  auto a = std::make_shared<BatchArguments>();
  CLI::App* command = program.add_subcommand("batch", "Work through a cohort of slides, a process for each");
  command
      ->add_option("COHORT", a->cohort,
                   "CSV with a column `slide`, and any of patient, group, timepoint, organ, animal, panel, regions")
      ->required();
  add_slide_options(*command, a->slide);
  command
      ->add_option("--jobs", a->jobs,
                   "Slides at a time; 0: one for each four threads. Threads and memory are shared out")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--shard", a->shard, "I/N: every N-th slide from the I-th, for clusters")->capture_default_str();
  command->add_option("--retries", a->retries, "Further attempts after a crash or lack of memory")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  command
      ->add_option("--tables", a->tables,
                   "The cohort's tables: after the slides (default), never, or only them, from the results in OUT")
      ->transform(CLI::CheckedTransformer(tables_names()).description(""));
  command->add_flag("--resume", a->resume, "Go on with a batch that is there; finished slides are left alone");
  command->callback([a, &context] { context.run = [a, &context] { return run(*a, context); }; });
}

}  // namespace hexaplex::cli
