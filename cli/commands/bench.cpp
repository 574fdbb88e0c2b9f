// `hexaplex bench`: how fast the operators are on this machine's processor and GPU, and that both give the same bytes.
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/device_option.h"
#include "cli/progress.h"
#include "core/bench/bench.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::cli {

AddCommand add_bench_command;

namespace {

struct BenchArguments {
  std::string device = "auto";
  std::string json, plot;
  std::string compare;
  int side = 4096;
  int threads = 0;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path, "cannot be read; give a file that `hexaplex bench --json` wrote");
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& content, const std::string& option) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << content << std::flush)) throw OutputError(path, "cannot be written; give " + option + " another place");
}

// The device to measure; none for the CPU alone, and then why.
std::optional<int> measured_device(const std::string& wanted, std::string& why_not) {
  if (wanted == "cpu") {
    why_not = "--device cpu was asked for";
    return {};
  }
  if (wanted == "auto") {
    why_not = why_no_device();
    return why_not.empty() ? std::optional<int>(choose_device()) : std::nullopt;
  }
  return choose_device(device_index(wanted));
}

int bench(const BenchArguments& a, const Context& context) {
  const std::string before = a.compare.empty() ? std::string() : content_of(a.compare);
  if (!a.compare.empty()) require_bench_json(before, a.compare);
  set_cpu_threads(a.threads);
  BenchOptions options;
  std::string why_not;
  options.device = measured_device(a.device, why_not);
  options.input.extent = {a.side, a.side};
  BenchReport report;
  {
    Progress progress(context.log, "bench");
    const auto steps = static_cast<double>(options.operators.size() + 1);
    double done = 0;
    options.progress = [&](const std::string& step) { progress.update(step, done++ / steps); };
    report = run_bench(options);
  }
  report.no_device = why_not;
  const std::string table = bench_table(report, before, a.compare);
  fmt::print("{}", table);
  if (!a.json.empty()) write(a.json, bench_json(report), "--json");
  if (!a.plot.empty()) write(a.plot, bench_plot(report), "--plot");
  if (!report.same_bytes()) {
    context.log.error("the device and the CPU left different bytes: do not use this device, and report the table above",
                      kDifference);
    return kDifference;
  }
  return kOk;
}

}  // namespace

void add_bench_command(CLI::App& program, Context& context) {
  auto a = std::make_shared<BenchArguments>();
  CLI::App* command =
      program.add_subcommand("bench", "Time the operators on the CPU and a GPU, and compare their bytes");
  add_device_option(*command, a->device);
  command->add_option("--json", a->json, "Also write the figures to this file");
  command->add_option("--plot", a->plot, "Also draw them, as SVG, to this file");
  command->add_option("--compare", a->compare,
                      "An earlier --json file, of this machine or another: how many times as fast");
  command->add_option("--side", a->side, "Side of the field that is made, pixels")
      ->check(CLI::Range(256, 16384))
      ->capture_default_str();
  command->add_option("--threads", a->threads, "Threads of the CPU; 0: all")->check(CLI::Range(0, 4096));
  command->callback([a, &context] { context.run = [a, &context] { return bench(*a, context); }; });
}

}  // namespace hexaplex::cli
