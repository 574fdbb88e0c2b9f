#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/bench/operators.h"
#include "kernels/runtime/device.h"

namespace hexaplex {

struct BenchOptions {
  BenchInput input;
  std::vector<BenchOperator> operators = bench_operators();
  double seconds_each = 0.25;   ///< of the clock, for an operator on one backend
  std::optional<int> device{};  ///< none: the CPU alone
  int repeats = 1;              ///< runs on the device whose bytes are compared
  std::function<void(const std::string& step)> progress{};
};

/// One operator on one backend.
struct BenchSpeed {
  double seconds = 0;       ///< median of the runs
  double best_seconds = 0;  ///< of the fastest
  int runs = 0;
};

struct BenchRow {
  std::string name;
  double bytes_per_pixel = 0;
  BenchSpeed cpu;
  std::optional<BenchSpeed> device;
  bool same_bytes = true;  ///< the device left what the CPU left, in every run that was compared
};

/// The fastest copies of large blocks, bytes per second, reads and writes counted where both are of one memory.
struct BenchRates {
  double cpu_copy = 0;
  double device_copy = 0, upload = 0, download = 0;  ///< 0 without a device; host memory is pinned
};

struct BenchReport {
  std::string cpu;
  int threads = 0;
  std::optional<DeviceInfo> device;
  std::string no_device;              ///< why there is none
  std::string pcie;                   ///< link of the device while it copied
  std::size_t most_device_bytes = 0;  ///< that were in use at a time
  BenchInput input;
  BenchRates rates;
  std::vector<BenchRow> rows;

  bool same_bytes() const;
  double pixels() const { return static_cast<double>(input.extent.area()); }
};

/// Times every operator, on the CPU and on a device, and compares what they left.
/// Throws: DeviceError, OutOfMemory
BenchReport run_bench(const BenchOptions& options);

/// As JSON, and as a table to read. `before`, the JSON of an earlier report (of this machine or another), adds how many
/// times as fast each operator is now.
/// Throws: InputError for a file that is no such report; require_bench_json does nothing else, before time is spent
std::string bench_json(const BenchReport& report);
void require_bench_json(const std::string& json, const std::string& name);
std::string bench_table(const BenchReport& report, const std::string& before_json = {},
                        const std::string& before_name = {});

/// As a picture (SVG): a bar for each operator and backend, on a logarithmic scale.
std::string bench_plot(const BenchReport& report);

}  // namespace hexaplex
