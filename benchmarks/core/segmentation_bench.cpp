// Nuclei and cells end to end, in memory, on a crowded field at 14 pixels a nucleus.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "benchmarks/support/throughput.h"
#include "core/bench/crowded_field.h"
#include "core/segmentation/cells.h"
#include "core/segmentation/diameter.h"
#include "core/segmentation/nuclei.h"

namespace hexaplex {
namespace {

Extent extent_of(const benchmark::State& state) {
  return {static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
}

// Axes: side of the image, side of the tiles (0: one tile).
void find_nuclei_cpu(benchmark::State& state) {
  const auto image = crowded_field(extent_of(state), 14);
  CpuQueue q;
  SegmentationInput input;
  input.nuclear = image.view();
  const NucleiSource source(q, input);
  NucleiParams params;
  params.tile_px = static_cast<int>(state.range(1));
  std::uint32_t nuclei = 0;
  for (auto _ : state) {
    const auto labels = find_nuclei(q, source.images({0, 0, image.width(), image.height()}), params);
    nuclei = *std::max_element(labels.data(), labels.data() + labels.extent().area());
  }
  state.counters["nuclei"] = nuclei;
  benchmarks::report_throughput(state, image.extent(), sizeof(float) + sizeof(std::uint32_t));
}

// With one membrane, and the rim of the cells.
void segment_cells_cpu(benchmark::State& state) {
  const auto image = crowded_field(extent_of(state), 14), membrane = crowded_field(extent_of(state), 9);
  CpuQueue q;
  SegmentationInput input;
  input.nuclear = image.view();
  input.membranes = {membrane.view()};
  CellParams params;
  params.tile_px = static_cast<int>(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(segment_cells(q, input, params).cell.data());
  benchmarks::report_throughput(state, image.extent(), 2 * sizeof(float) + 2 * sizeof(std::uint32_t));
}

void stable_diameter_cpu(benchmark::State& state) {
  const auto image = crowded_field(extent_of(state), 14);
  CpuQueue q;
  SegmentationInput input;
  input.nuclear = image.view();
  double diameter_um = 0;
  for (auto _ : state) diameter_um = stable_diameter_um(q, input, {});
  state.counters["um"] = diameter_um;
  benchmarks::report_throughput(state, image.extent(), sizeof(float));
}

BENCHMARK(find_nuclei_cpu)->ArgNames({"side", "tile"})->ArgsProduct({{1024, 2048}, {0, 512}})->UseRealTime();
BENCHMARK(segment_cells_cpu)->ArgNames({"side", "tile"})->ArgsProduct({{1024}, {0, 512}})->UseRealTime();
BENCHMARK(stable_diameter_cpu)->ArgName("side")->Arg(1024)->UseRealTime();

}  // namespace
}  // namespace hexaplex
