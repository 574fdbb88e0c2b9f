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
#include "kernels/runtime/device.h"
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

std::string described(const DeviceInfo& device) {
  return fmt::format("{}, compute {}.{}, {:.1f} GiB, driver for CUDA {}.{}; {}", device.name, device.compute_major,
                     device.compute_minor, static_cast<double>(device.memory_bytes) / (1 << 30),
                     device.driver_version / 1000, device.driver_version % 1000 / 10,
                     device.usable ? "usable" : "not usable: " + device.unusable_because);
}

std::vector<Fact> devices() {
  std::vector<Fact> facts;
  const std::string why_not = why_no_device();
  facts.push_back({"cuda", why_not.empty() ? "usable" : "not usable: " + why_not});
  for (const DeviceInfo& device : list_devices())
    facts.push_back({fmt::format("cuda:{}", device.index), described(device)});
  facts.push_back({"device auto",
                   why_not.empty()
                       ? fmt::format("cuda:{} for unmixing, nuclei, cells and measuring, else the CPU", choose_device())
                       : "the CPU"});
  return facts;
}

int doctor(bool as_json) {
  std::vector<Fact> facts{
      {"version", version()},   {"commit", commit()},
      {"compiler", compiler()}, {"cpu", fmt::format("usable, {} threads ({})", cpu_threads(), cpu_launcher())},
      {"simd", simd_level()},   {"memory", memory()},
  };
  for (Fact& fact : devices()) facts.push_back(std::move(fact));
  const std::vector<LibraryVersion> libraries = library_versions();
  if (as_json) {
    nlohmann::ordered_json object;
    for (const Fact& fact : facts) object[fact.name] = fact.value;
    for (const LibraryVersion& library : libraries) object["libraries"][library.name] = library.version;
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return kOk;
  }
  for (const Fact& fact : facts) fmt::print("{:<14} {}\n", fact.name, fact.value);
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
