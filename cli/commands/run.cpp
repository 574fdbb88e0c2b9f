// `hexaplex run`: slides in, one result folder for each out.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/byte_size.h"
#include "cli/command.h"
#include "cli/failure.h"
#include "cli/progress.h"
#include "core/io/slide.h"
#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::cli {

AddCommand add_run_command;

namespace {

constexpr int kStagesPerSlide = 7;  // of run_slide: only the progress bar hangs on it

struct RunArguments {
  std::vector<std::string> inputs;
  std::string panel;
  std::string device = "auto";
  int threads = 0;
  std::vector<std::string> write;
  bool overwrite = false;
  std::string library, labels, memory_limit;
  std::optional<double> um_per_px;
  std::optional<int> z;
  RunOptions options;
};

// The operators of the pipeline have no CUDA twins yet: `auto` says so and goes on, `cuda` is refused.
void choose_device(const std::string& device, const Log& log) {
  if (device == "cpu") return;
  if (device == "auto") {
    log.note("device: CPU (the pipeline of this version has no GPU path)");
    return;
  }
  throw DeviceError(
      "--device " + device +
      ": the pipeline of this version has no GPU path; use --device auto or cpu, the results are the same");
}

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
  RunOptions o = a.options;
  o.existing = a.overwrite ? Existing::overwrite : Existing::refuse;
  o.um_per_px = a.um_per_px;
  o.z = a.z;
  if (!a.library.empty()) o.library = a.library;
  if (!a.labels.empty()) o.labels = a.labels;
  if (!a.memory_limit.empty()) o.memory_limit_bytes = parse_byte_size(a.memory_limit);
  for (const std::string& what : a.write) o.write_unmixed |= what == "unmixed";
  if (o.resume && a.overwrite) throw InvalidArgument("--resume and --overwrite exclude each other");
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
    log.note(fmt::format("{}: {} is complete and up to date", input, outcome.result.string()));
  } else {
    log.note(fmt::format("{}: {} cells, {}", input, outcome.cells, outcome.result.string()));
  }
}

// One slide, its progress told under its name.
void run_one(const std::string& input, const Panel& panel, RunOptions options, const Log& log) {
  RunOutcome outcome;
  {
    Progress progress(log, slide_stem(input));
    int done = 0;
    options.progress = [&](const std::string& stage) {
      progress.update(stage, std::min(1.0, static_cast<double>(done++) / kStagesPerSlide));
    };
    outcome = run_slide(input, panel, options);
  }
  say_outcome(input, outcome, log);
}

int run(const RunArguments& arguments, const Context& context) {
  const RunOptions options = resolve(arguments);
  choose_device(arguments.device, context.log);
  check_stems(arguments.inputs);
  set_cpu_threads(arguments.threads);
  const Panel panel = load_panel(arguments.panel);
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
  command->add_option("--panel", a->panel, "Panel file, or the name of a preset (`hexaplex panel list`)")->required();
  command->add_option("--out", a->options.out, "Folder for the results; a slide S gets OUT/S")->required();
  command->add_option("--device", a->device, "auto, cpu, cuda or cuda:N")
      ->check([](const std::string& v) {
        return v == "auto" || v == "cpu" || v == "cuda" || v.rfind("cuda:", 0) == 0
                   ? std::string()
                   : "'" + v + "' is no device; say auto, cpu, cuda or cuda:N";
      })
      ->capture_default_str();
  command->add_option("--threads", a->threads, "CPU threads; 0: all cores")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command->add_option("--tile-size", a->options.tile_px, "Side of a tile in pixels; 0: untiled. Changes no byte")
      ->check([](const std::string& v) {
        int n = -1;
        const auto r = std::from_chars(v.data(), v.data() + v.size(), n);
        return r.ptr == v.data() + v.size() && (n == 0 || n >= 16) ? std::string()
                                                                   : "a tile size is 0 or at least 16, not " + v;
      })
      ->capture_default_str();
  command->add_option("--memory-limit", a->memory_limit,
                      "Refuse a slide that needs more memory, as 800M or 2G (this version holds a field in memory)");
  command->add_option("--um-per-px", a->um_per_px, "Micrometres per pixel, where the file gives none or a wrong one");
  command->add_option("--library", a->library, "Spectral library (CSV) instead of the panel's");
  command->add_option("--z", a->z, "Plane of a z-stack, from 1");
  command->add_option("--labels", a->labels, "Mask with objects to measure instead of segmenting");
  command
      ->add_option_function<std::string>(
          "--unmixing",
          [a](const std::string& name) {
            a->options.unmixing = name == "least-squares" ? UnmixMethod::least_squares : UnmixMethod::non_negative;
          },
          "How multispectral slides are unmixed; non-negative by default")
      ->check(CLI::IsMember({"non-negative", "least-squares"}));
  command->add_option("--write", a->write, "More files to write: unmixed")
      ->delimiter(',')
      ->check(CLI::IsMember({"unmixed"}));
  command->add_flag("--resume", a->options.resume, "Leave complete results of the same input and parameters alone");
  command->add_flag("--overwrite", a->overwrite, "Replace existing results");
  command->add_flag("--dry-run", a->options.dry_run,
                    "Check inputs, panel and library, say what would be done, write nothing");
  command->callback([a, &context] { context.run = [a, &context] { return run(*a, context); }; });
}

}  // namespace hexaplex::cli
