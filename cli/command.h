#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/log.h"

namespace hexaplex::cli {

/// Exit codes that scripts and workflows rely on. `run_and_report` (failure.h) maps exceptions to them; a command
/// returns its own where it ends without an exception.
enum ExitCode : int {
  kOk = 0,
  kDefect = 1,
  kUsage = 2,
  kUnreadableInput = 3,
  kSomeInputsFailed = 4,
  kDevice = 5,
  kOutput = 6,
  kOutOfMemory = 7,
  kDifference = 8,
  kInterrupted = 128,  ///< plus the signal
};

/// What all commands share.
struct Context {
  Log log;
  std::function<int()> run;  ///< the chosen command; set while parsing, called after it; returns an exit code
};

/// A command is one file in cli/commands/ with one function of this type. It adds a subcommand with its options, and
/// a callback that stores the work to do in `context.run`:
///
///     void add_info_command(CLI::App& program, Context& context) {
///       auto options = std::make_shared<InfoOptions>();
///       CLI::App* command = program.add_subcommand("info", "Say what a slide holds");
///       command->add_option("SLIDE", options->slide, "slide to look into")->required();
///       command->callback([options, &context] { context.run = [options, &context] { return info(*options); }; });
///     }
///
/// The work throws what the libraries throw, and writes results to stdout.
using AddCommand = void(CLI::App& program, Context& context);

/// Adds every command, in the order of the help. The list is in commands.cpp.
AddCommand add_all_commands;

}  // namespace hexaplex::cli
