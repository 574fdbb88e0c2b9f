// What `hexaplex bench` does, where only the kernels are built (scripts/gpu_check.sh).
//   device_bench [--json FILE]
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>

#include "core/bench/bench.h"

int main(int count, char** arguments) {
  try {
    hexaplex::BenchOptions options;
    const std::string why_not = hexaplex::why_no_device();
    if (why_not.empty()) options.device = hexaplex::choose_device();
    hexaplex::BenchReport report = hexaplex::run_bench(options);
    report.no_device = why_not;
    std::fputs(hexaplex::bench_table(report).c_str(), stdout);
    if (count == 3 && std::strcmp(arguments[1], "--json") == 0) {
      std::ofstream file(arguments[2]);
      if (!(file << hexaplex::bench_json(report) << std::flush)) {
        std::fprintf(stderr, "device_bench: %s cannot be written\n", arguments[2]);
        return 6;
      }
    }
    return report.same_bytes() ? 0 : 8;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "device_bench: %s\n", e.what());
    return 1;
  }
}
