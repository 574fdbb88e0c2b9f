// The operators between the filters and the nuclei, on a crowded field at 14 pixels a nucleus.
#include <benchmark/benchmark.h>

#include "benchmarks/support/segmentation_steps.h"
#include "benchmarks/support/throughput.h"
#include "core/bench/crowded_field.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/components.h"
#include "kernels/segment/expand.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/merge.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex {
namespace {

benchmarks::SegmentationSteps steps(const benchmark::State& state) {
  const Extent extent{static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
  return {crowded_field(extent, 14), 20, 14};
}

void local_threshold_cpu(benchmark::State& state) {
  auto s = steps(state);
  CpuQueue q;
  for (auto _ : state) {
    above_level(q, s.level.view(), local_level(q, s.level.view(), s.range), 0, s.mask.view());
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint16_t) + 1);
}

void open_mask_cpu(benchmark::State& state) {
  auto s = steps(state);
  CpuQueue q;
  for (auto _ : state) {
    open_mask(q, s.mask.view(), 1);  // idempotent: the same work each time
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, s.extent(), 2);
}

void climb_pointers_cpu(benchmark::State& state) {
  auto s = steps(state);
  CpuQueue q;
  for (auto _ : state) {
    climb_pointers(q, s.landscape.view(), s.mask.view(), s.pointers.view());
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint16_t) + 2);
}

void label_basins_cpu(benchmark::State& state) {
  auto s = steps(state);
  CpuQueue q;
  for (auto _ : state) benchmark::DoNotOptimize(label_basins(q, s.pointers.view(), s.labels.view()).data());
  benchmarks::report_throughput(state, s.extent(), 1 + sizeof(std::uint32_t));
}

void mask_components_cpu(benchmark::State& state) {
  const auto s = steps(state);
  CpuQueue q;
  for (auto _ : state) benchmark::DoNotOptimize(mask_components(q, s.mask.view(), 1).count());
  benchmarks::report_throughput(state, s.extent(), 1);
}

void label_components_cpu(benchmark::State& state) {
  const auto s = steps(state);
  CpuQueue q;
  for (auto _ : state) benchmark::DoNotOptimize(label_components(q, s.labels.view()).count());
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint32_t));
}

void region_graph_cpu(benchmark::State& state) {
  const auto s = steps(state);
  CpuQueue q;
  for (auto _ : state) {
    RegionGraphBuilder builder(s.graph.regions.size() - 1);
    builder.add(q, s.whole(), s.labels.view(), {s.level.view(), {}, s.linear.view()}, 0, 0);
    benchmark::DoNotOptimize(builder.finish().contacts.data());
  }
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint32_t) + 2 * sizeof(std::uint16_t));
}

// Works on a table: pixels and bytes are those of the field that it stands for.
void merge_regions_cpu(benchmark::State& state) {
  const auto s = steps(state);
  for (auto _ : state) {
    RegionGraph graph = s.graph;
    benchmark::DoNotOptimize(merge_regions(graph, {}).data());
  }
  state.counters["regions"] = static_cast<double>(s.graph.regions.size() - 1);
  benchmarks::report_throughput(state, s.extent(), 0);
}

void expand_labels_cpu(benchmark::State& state) {
  const auto s = steps(state);
  HostPlane<std::uint32_t> dst(s.extent());
  CpuQueue q;
  for (auto _ : state) {
    expand_labels(q, s.labels.view(), dst.view(), {2.1});
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, s.extent(), 2 * sizeof(std::uint32_t));
}

void sides(benchmark::internal::Benchmark* b) {
  b->ArgName("side")->Arg(1024)->Arg(2048)->UseRealTime();
}
BENCHMARK(local_threshold_cpu)->Apply(sides);
BENCHMARK(open_mask_cpu)->Apply(sides);
BENCHMARK(climb_pointers_cpu)->Apply(sides);
BENCHMARK(label_basins_cpu)->Apply(sides);
BENCHMARK(mask_components_cpu)->Apply(sides);
BENCHMARK(label_components_cpu)->Apply(sides);
BENCHMARK(region_graph_cpu)->Apply(sides);
BENCHMARK(merge_regions_cpu)->Apply(sides);
BENCHMARK(expand_labels_cpu)->Apply(sides);

}  // namespace
}  // namespace hexaplex
