#include "kernels/filter/laplacian_of_gaussian.h"

#include <benchmark/benchmark.h>

#include "benchmarks/support/throughput.h"
#include "core/bench/crowded_field.h"
#include "kernels/intensity/quantise.h"

namespace hexaplex {
namespace {

// Axes: side of the image in pixels, hundredths of sigma_px (the recipe's two scales at 14 pixels a nucleus).
void blob_response_cpu(benchmark::State& state) {
  const Extent extent{static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
  CpuQueue q;
  HostPlane<std::uint16_t> src(extent);
  quantise(q, crowded_field(extent, 14).view(), src.view(), 20);
  HostPlane<std::int16_t> dst(extent, 0);
  const BlobParams params{static_cast<double>(state.range(1)) / 100};
  for (auto _ : state) {
    blob_response(q, src.view(), dst.view(), params);
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, extent, sizeof(std::uint16_t) + sizeof(std::int16_t));
}
BENCHMARK(blob_response_cpu)->ArgNames({"side", "sigma100"})->ArgsProduct({{1024, 4096}, {198, 297}})->UseRealTime();

}  // namespace
}  // namespace hexaplex
