#include "kernels/intensity/quantise.h"

#include <benchmark/benchmark.h>

#include "benchmarks/support/throughput.h"
#include "core/bench/crowded_field.h"
#include "kernels/intensity/histogram.h"

namespace hexaplex {
namespace {

Extent extent_of(const benchmark::State& state) {
  return {static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
}

void quantise_cpu(benchmark::State& state) {
  const auto src = crowded_field(extent_of(state), 14);
  HostPlane<std::uint16_t> dst(src.extent(), 0);
  CpuQueue q;
  for (auto _ : state) {
    quantise(q, src.view(), dst.view(), 20);
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, src.extent(), sizeof(float) + sizeof(std::uint16_t));
}

void log_table_cpu(benchmark::State& state) {
  HostPlane<std::uint16_t> src(extent_of(state)), dst(src.extent(), 0);
  CpuQueue q;
  quantise(q, crowded_field(src.extent(), 14).view(), src.view(), 20);
  const Table16 table = log_table(0.05);
  for (auto _ : state) {
    apply_table(q, src.view(), dst.view(), table);
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, src.extent(), 2 * sizeof(std::uint16_t));
}

void float_histogram_cpu(benchmark::State& state) {
  const auto src = crowded_field(extent_of(state), 14);
  CpuQueue q;
  for (auto _ : state) {
    Histogram16 h = empty_histogram();
    add_to_histogram(q, src.view(), h);
    benchmark::DoNotOptimize(h.data());
  }
  benchmarks::report_throughput(state, src.extent(), sizeof(float));
}

BENCHMARK(quantise_cpu)->ArgName("side")->Arg(1024)->Arg(4096)->UseRealTime();
BENCHMARK(log_table_cpu)->ArgName("side")->Arg(1024)->Arg(4096)->UseRealTime();
BENCHMARK(float_histogram_cpu)->ArgName("side")->Arg(1024)->Arg(4096)->UseRealTime();

}  // namespace
}  // namespace hexaplex
