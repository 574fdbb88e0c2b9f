// What `hexaplex bench` does, where only the kernels are built (scripts/gpu_check.sh).
//   device_bench [--json FILE] [--side PX] [--repeats N] [--only TEXT]
// N: runs of each operator on the device whose bytes must be the CPU's. TEXT: operators with this in their name.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>

#include "core/bench/bench.h"

int main(int count, char** words) {
  try {
    hexaplex::BenchOptions options;
    std::string json;
    for (int i = 1; i < count; i += 2) {
      const std::string name = words[i], value = i + 1 < count ? words[i + 1] : "";
      const int number = std::atoi(value.c_str());
      if (name == "--json" && !value.empty()) {
        json = value;
      } else if (name == "--side" && number >= 64 && number <= 16384) {
        options.input.extent = {number, number};
      } else if (name == "--repeats" && number >= 1) {
        options.repeats = number;
      } else if (name == "--only") {
        options.operators = hexaplex::bench_operators_named(value);
      } else {
        std::fprintf(stderr, "usage: device_bench [--json FILE] [--side 64..16384] [--repeats N] [--only TEXT]\n");
        return 2;
      }
    }
    const std::string why_not = hexaplex::why_no_device();
    if (why_not.empty()) options.device = hexaplex::choose_device();
    hexaplex::BenchReport report = hexaplex::run_bench(options);
    report.no_device = why_not;
    std::fputs(hexaplex::bench_table(report).c_str(), stdout);
    if (!json.empty()) {
      std::ofstream file(json);
      if (!(file << hexaplex::bench_json(report) << std::flush)) {
        std::fprintf(stderr, "device_bench: %s cannot be written\n", json.c_str());
        return 6;
      }
    }
    return report.same_bytes() ? 0 : 8;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "device_bench: %s\n", e.what());
    return 1;
  }
}
