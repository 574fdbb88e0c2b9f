// Exceptions become one sentence on stderr and an exit code (failure.h).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "core/version.h"
#include "kernels/runtime/error.h"

namespace hexaplex::cli {
namespace {

void add_global_options(CLI::App& program, Context& context) {
  static const std::map<std::string, LogFormat> formats{{"text", LogFormat::text}, {"json", LogFormat::json}};
  program.set_version_flag("--version", "hexaplex " + version() + " (" + commit() + ")",
                           "Print version and commit, and exit");
  program.add_flag("--quiet", context.log.quiet, "Errors only on stderr")->trigger_on_parse();
  program
      .add_option_function<std::string>(
          "--log-format", [&context](const std::string& name) { context.log.format = formats.at(name); },
          "Messages on stderr as text or as JSON lines")
      ->check(CLI::IsMember({"text", "json"}))
      ->trigger_on_parse();
  program
      .add_option_function<std::string>(
          "--color", [&context](const std::string& when) { context.log.color = when != "never"; },
          "Colours on a terminal (the environment variable NO_COLOR turns them off too)")
      ->check(CLI::IsMember({"auto", "never"}))
      ->trigger_on_parse();
}

// A full disk behind a redirected stdout must not look like success.
void flush_results() {
  std::cout.flush();
  if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout))
    throw OutputError("standard output", "cannot be written; is the disk full?");
}

// CLI11 calls a mistyped command a missing one.
std::string usage_message(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = program.remaining();
  if (program.get_subcommands().empty() && !unknown.empty() && unknown.front().rfind('-', 0) != 0)
    return "there is no command '" + unknown.front() + "'; see hexaplex --help";
  std::string command = "hexaplex";
  for (const CLI::App* app = &program; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    command += " " + app->get_name();
  }
  return std::string(error.what()) + "; see " + command + " --help";
}

int parse_and_run(CLI::App& program, Context& context, int argc, char** argv) {
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    program.exit(help_or_version, std::cout, std::cerr);
    flush_results();
    return kOk;
  } catch (const CLI::ParseError& error) {
    context.log.error(usage_message(program, error), kUsage);
    return kUsage;
  }
  watch_for_interrupts();
  const int code = context.run();
  flush_results();
  return code;
}

int run(int argc, char** argv) {
  CLI::App program("Multiplex pathology slides into cells, phenotypes and scores", "hexaplex");
  Context context;
  return run_and_report(context.log, [&] {
    program.require_subcommand(1);
    program.fallthrough();  // global flags may stand after the command
    add_global_options(program, context);
    add_all_commands(program, context);
    return parse_and_run(program, context, argc, argv);
  });
}

}  // namespace
}  // namespace hexaplex::cli

int main(int argc, char** argv) {
  return hexaplex::cli::run(argc, argv);
}
