// `hexaplex verify DIR`: do inputs, parameters and outputs still hash as recorded?
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/run/verify.h"
#include "kernels/runtime/error.h"

namespace hexaplex::cli {

AddCommand add_verify_command;

namespace {

int verify(const std::filesystem::path& dir) {
  const std::vector<std::filesystem::path> results = find_results(dir);
  if (results.empty())
    throw InputError(dir.string(), "holds no result (no run.json); give the folder of one result, or of several");
  bool same = true;
  for (const std::filesystem::path& result : results) {
    const Verification found = verify_result(result);
    for (const std::string& difference : found.differences) fmt::print("{}: {}\n", result.string(), difference);
    for (const std::string& note : found.notes) fmt::print("{}: note: {}\n", result.string(), note);
    if (found.differences.empty())
      fmt::print("{}: as recorded ({} files and the parameters)\n", result.string(), found.checked);
    same = same && found.differences.empty();
  }
  return same ? kOk : kDifference;
}

}  // namespace

void add_verify_command(CLI::App& program, Context& context) {
  auto dir = std::make_shared<std::string>();
  CLI::App* command =
      program.add_subcommand("verify", "Check that inputs, parameters and outputs still hash as recorded");
  command->add_option("DIR", *dir, "folder of one result, or of several")->required();
  command->callback([dir, &context] { context.run = [dir] { return verify(*dir); }; });
}

}  // namespace hexaplex::cli
