#include "benchmarks/support/throughput.h"

#include "benchmarks/support/memcpy_rate.h"

namespace hexaplex::benchmarks {

void report_throughput(benchmark::State& state, Extent extent, double bytes_per_pixel) {
  const double pixels = static_cast<double>(extent.area()) * static_cast<double>(state.iterations());
  const auto rate = [](double value) { return benchmark::Counter(value, benchmark::Counter::kIsRate); };
  state.counters["Mpx/s"] = rate(pixels / 1e6);
  state.counters["bytes/s"] = rate(pixels * bytes_per_pixel);
  state.counters["of_memcpy"] = rate(pixels * bytes_per_pixel / memcpy_bytes_per_s());
}

}  // namespace hexaplex::benchmarks
