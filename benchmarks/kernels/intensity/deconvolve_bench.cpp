#include <benchmark/benchmark.h>

#include "benchmarks/support/throughput.h"
#include "core/bench/crowded_field.h"
#include "kernels/intensity/deconvolve_stains.h"
#include "kernels/intensity/quantise.h"

namespace hexaplex {
namespace {

// Three colours of 8 bits to two or three stains.
void deconvolve_stains_cpu(benchmark::State& state) {
  const Extent extent{static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
  const StainVector all[] = {{.65, .70, .29}, {.27, .57, .78}, {.2, .4, .9}};
  const std::span<const StainVector> stains(all, static_cast<std::size_t>(state.range(1)));
  const StainModel model = make_stain_model(stains, {242, 242, 242});
  HostPlane<std::uint16_t> rgb(extent);
  CpuQueue q;
  quantise(q, crowded_field(extent, 14).view(), rgb.view(), 1);
  for (std::int64_t i = 0; i < extent.area(); ++i)
    rgb.data()[i] = static_cast<std::uint16_t>(255 - rgb.data()[i] % 256);
  std::vector<HostPlane<float>> amounts;
  std::vector<Plane<float>> targets;
  for (std::size_t s = 0; s < stains.size(); ++s) amounts.emplace_back(extent, 0.0f);
  for (auto& plane : amounts) targets.push_back(plane.view());
  for (auto _ : state) {
    deconvolve_stains(q, model, {rgb.view(), rgb.view(), rgb.view()}, targets);
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, extent, 3 * sizeof(std::uint16_t) + sizeof(float) * stains.size());
}

BENCHMARK(deconvolve_stains_cpu)->ArgNames({"side", "stains"})->Args({2048, 2})->Args({2048, 3})->UseRealTime();

}  // namespace
}  // namespace hexaplex
