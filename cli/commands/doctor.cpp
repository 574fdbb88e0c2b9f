// `hexaplex doctor`: what this program was built with and what it finds on this machine.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "core/io/library_versions.h"
#include "core/version.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::cli {

AddCommand add_doctor_command;

namespace {

struct Fact {
  std::string name;
  std::string value;
};

// The best x86-64 level of this machine that hot loops were compiled for.
std::string simd_level() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  const char* machine = __builtin_cpu_supports("x86-64-v4")   ? "x86-64-v4"
                        : __builtin_cpu_supports("x86-64-v3") ? "x86-64-v3"
                                                              : "x86-64";
#else
  const char* machine = "unknown";
#endif
#if defined(HEXAPLEX_HAS_CLONES)
  return fmt::format("{} (hot loops are chosen at run time)", machine);
#else
  return fmt::format("{} on this machine; the program was compiled for one level", machine);
#endif
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

std::string memory() {
  const double bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  return fmt::format("{:.1f} GiB", bytes / (1 << 30));
}

std::string cuda() {
#if HX_WITH_CUDA
  return "built in";
#else
  return "not built in; the CPU gives the same results (build with the cuda preset where nvcc is installed)";
#endif
}

int doctor(bool as_json) {
  const std::vector<Fact> facts{
      {"version", version()},   {"commit", commit()},
      {"compiler", compiler()}, {"cpu", fmt::format("usable, {} threads ({})", cpu_threads(), cpu_launcher())},
      {"simd", simd_level()},   {"memory", memory()},
      {"cuda", cuda()},
  };
  const std::vector<LibraryVersion> libraries = library_versions();
  if (as_json) {
    nlohmann::ordered_json object;
    for (const Fact& fact : facts) object[fact.name] = fact.value;
    for (const LibraryVersion& library : libraries) object["libraries"][library.name] = library.version;
    fmt::print("{}\n", object.dump(2));
    return kOk;
  }
  fmt::print("hexaplex {}\n", version());
  for (std::size_t i = 1; i < facts.size(); ++i) fmt::print("{:<14} {}\n", facts[i].name, facts[i].value);
  for (const LibraryVersion& library : libraries) fmt::print("{:<14} {}\n", library.name, library.version);
  return kOk;
}

}  // namespace

void add_doctor_command(CLI::App& program, Context& context) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command = program.add_subcommand("doctor", "Say which devices and libraries are usable here");
  command->add_flag("--json", *as_json, "Print JSON");
  command->callback([as_json, &context] { context.run = [as_json] { return doctor(*as_json); }; });
}

}  // namespace hexaplex::cli
