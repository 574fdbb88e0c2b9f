// The operators between the filters and the nuclei, on a crowded field at 14 pixels a nucleus.
#include <benchmark/benchmark.h>

#include "benchmarks/support/crowded_field.h"
#include "benchmarks/support/throughput.h"
#include "kernels/filter/gaussian.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/intensity/quantise.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/components.h"
#include "kernels/segment/expand.h"
#include "kernels/segment/landscape.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/merge.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex {
namespace {

constexpr LocalLevelParams kRange{29, 0.45};

/// What each step of the recipe leaves for the next.
struct Steps {
  HostPlane<std::uint16_t> linear, level, landscape;
  HostPlane<std::uint8_t> mask, pointers;
  HostPlane<std::uint32_t> labels;
  RegionGraph graph;

  explicit Steps(const benchmark::State& state)
      : Steps(Extent{static_cast<int>(state.range(0)), static_cast<int>(state.range(0))}) {}
  explicit Steps(Extent e) : linear(e), level(e), landscape(e), mask(e), pointers(e), labels(e) {
    CpuQueue q;
    Queue queue = q;
    HostPlane<std::uint16_t> logarithm(e);
    HostPlane<std::int16_t> fine(e), coarse(e);
    quantise(q, benchmarks::crowded_field(e, 14).view(), linear.view(), 20);
    apply_table(q, linear.view(), logarithm.view(), log_table(0.05));
    gaussian_blur(queue, logarithm.view(), level.view(), {1.4});
    blob_response(q, logarithm.view(), fine.view(), {1.98});
    blob_response(q, logarithm.view(), coarse.view(), {2.97});
    blob_landscape(q, fine.view(), coarse.view(), {}, 0.5, logarithm.view());
    gaussian_blur(queue, logarithm.view(), landscape.view(), {1.12});
    above_level(q, level.view(), local_level(q, level.view(), kRange), 0, mask.view());
    open_mask(q, mask.view(), 1);
    climb_pointers(q, landscape.view(), mask.view(), pointers.view());
    const std::size_t regions = label_basins(q, pointers.view(), labels.view()).size();
    RegionGraphBuilder builder(regions);
    builder.add(q, {0, 0, e.width, e.height}, labels.view(), {level.view(), {}, linear.view()}, 0, 0);
    graph = builder.finish();
  }
  Extent extent() const { return level.extent(); }
};

void local_threshold_cpu(benchmark::State& state) {
  Steps s(state);
  CpuQueue q;
  for (auto _ : state) {
    above_level(q, s.level.view(), local_level(q, s.level.view(), kRange), 0, s.mask.view());
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint16_t) + 1);
}

void open_mask_cpu(benchmark::State& state) {
  Steps s(state);
  CpuQueue q;
  for (auto _ : state) {
    open_mask(q, s.mask.view(), 1);  // idempotent: the same work each time
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, s.extent(), 2);
}

void climb_pointers_cpu(benchmark::State& state) {
  Steps s(state);
  CpuQueue q;
  for (auto _ : state) {
    climb_pointers(q, s.landscape.view(), s.mask.view(), s.pointers.view());
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint16_t) + 2);
}

void label_basins_cpu(benchmark::State& state) {
  Steps s(state);
  CpuQueue q;
  for (auto _ : state) benchmark::DoNotOptimize(label_basins(q, s.pointers.view(), s.labels.view()).data());
  benchmarks::report_throughput(state, s.extent(), 1 + sizeof(std::uint32_t));
}

void mask_components_cpu(benchmark::State& state) {
  const Steps s(state);
  CpuQueue q;
  for (auto _ : state) benchmark::DoNotOptimize(mask_components(q, s.mask.view(), 1).count());
  benchmarks::report_throughput(state, s.extent(), 1);
}

void label_components_cpu(benchmark::State& state) {
  const Steps s(state);
  CpuQueue q;
  for (auto _ : state) benchmark::DoNotOptimize(label_components(q, s.labels.view()).count());
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint32_t));
}

void region_graph_cpu(benchmark::State& state) {
  const Steps s(state);
  CpuQueue q;
  for (auto _ : state) {
    RegionGraphBuilder builder(s.graph.regions.size() - 1);
    builder.add(q, {0, 0, s.extent().width, s.extent().height}, s.labels.view(), {s.level.view(), {}, s.linear.view()},
                0, 0);
    benchmark::DoNotOptimize(builder.finish().contacts.data());
  }
  benchmarks::report_throughput(state, s.extent(), sizeof(std::uint32_t) + 2 * sizeof(std::uint16_t));
}

// Works on a table: pixels and bytes are those of the field that it stands for.
void merge_regions_cpu(benchmark::State& state) {
  const Steps s(state);
  for (auto _ : state) {
    RegionGraph graph = s.graph;
    benchmark::DoNotOptimize(merge_regions(graph, {}).data());
  }
  state.counters["regions"] = static_cast<double>(s.graph.regions.size() - 1);
  benchmarks::report_throughput(state, s.extent(), 0);
}

void expand_labels_cpu(benchmark::State& state) {
  const Steps s(state);
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
