// `hexaplex doctor`: what this program was built with and what it finds on this machine.
#include <fmt/format.h>

#include "cli/command.h"
#include "core/version.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::cli {

AddCommand add_doctor_command;

namespace {

int doctor() {
  fmt::print("hexaplex {} ({})\n", version(), commit());
  fmt::print("threads {}\n", cpu_threads());
  return kOk;
}

}  // namespace

void add_doctor_command(CLI::App& program, Context& context) {
  CLI::App* command = program.add_subcommand("doctor", "Say which devices and libraries are usable here");
  command->callback([&context] { context.run = doctor; });
}

}  // namespace hexaplex::cli
