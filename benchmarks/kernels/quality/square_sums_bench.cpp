#include "kernels/quality/square_sums.h"

#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/support/throughput.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

// Axes: side of the image in pixels, bands. One thread; Mpx/s are pixels of the slide, all bands at once.
template <class T>
void squares(benchmark::State& state) {
  const Extent extent{static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
  std::vector<HostPlane<T>> planes;
  std::vector<Plane<const T>> bands;
  std::uint32_t random = 1;
  for (int b = 0; b < state.range(1); ++b) {
    planes.emplace_back(extent);
    for (std::int64_t i = 0; i < extent.area(); ++i)
      planes.back().data()[i] = static_cast<T>((random = random * 1664525u + 1013904223u) >> 20);
  }
  for (const auto& p : planes) bands.push_back(p.view());
  HostPlane<SquareSums> out(square_grid(extent));
  for (auto _ : state) {
    measure_squares(CpuQueue{1}, std::span<const Plane<const T>>(bands), {0, 65535}, {}, out.view());
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, extent, sizeof(T) * static_cast<std::size_t>(state.range(1)));
}

BENCHMARK_TEMPLATE(squares, std::uint16_t)->Args({2048, 8})->Args({1024, 35})->UseRealTime();
BENCHMARK_TEMPLATE(squares, float)->Args({2048, 7})->UseRealTime();

}  // namespace
}  // namespace hexaplex
