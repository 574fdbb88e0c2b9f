// Measuring a field of 4096 x 4096 x 8 with about 25,000 nuclei (24 % of the pixels).
#include "core/cells/measure.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "benchmarks/support/throughput.h"
#include "kernels/measure/region_stats.h"

namespace hexaplex {
namespace {

constexpr int kChannels = 8;

struct Field8 {
  Extent extent{4096, 4096};
  LabelPair labels{HostPlane<std::uint32_t>(extent, 0u), HostPlane<std::uint32_t>(extent, 0u)};
  std::vector<HostPlane<float>> planes;
  std::vector<MeasuredChannel> channels;
  std::int64_t cells = 0, cell_pixels = 0;

  Field8() {
    std::uint32_t state = 1, id = 0;
    const auto random = [&state] { return (state = state * 1664525u + 1013904223u) >> 16; };
    constexpr int kPitch = 26;  // about 25,000 cells
    for (int cy = kPitch / 2; cy < extent.height; cy += kPitch)
      for (int cx = kPitch / 2; cx < extent.width; cx += kPitch) {
        ++id;
        const int r = 6 + static_cast<int>(random() % 4), rim = 2;
        for (int y = std::max(0, cy - r - rim); y <= std::min(extent.height - 1, cy + r + rim); ++y)
          for (int x = std::max(0, cx - r - rim); x <= std::min(extent.width - 1, cx + r + rim); ++x) {
            const int d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
            if (d2 > (r + rim) * (r + rim)) continue;
            labels.cell(x, y) = id;
            ++cell_pixels;
            if (d2 <= r * r) labels.nucleus(x, y) = id;
          }
      }
    cells = id;
    for (int c = 0; c < kChannels; ++c) {
      planes.emplace_back(extent);
      for (std::int64_t i = 0; i < extent.area(); ++i) planes.back().data()[i] = static_cast<float>(random());
      channels.push_back({"M" + std::to_string(c), {}});
    }
    for (int c = 0; c < kChannels; ++c)
      channels[static_cast<std::size_t>(c)].pixels = planes[static_cast<std::size_t>(c)].view();
  }

  void report(benchmark::State& state) const {
    benchmarks::report_throughput(state, extent, 4 + kChannels * 4.0);
    state.counters["cells"] = static_cast<double>(cells);
    state.counters["in_cells"] = static_cast<double>(cell_pixels) / static_cast<double>(extent.area());
  }
};

const Field8& field() {
  static const Field8 f;
  return f;
}

// Count, sum, sum of squares, min and max per nucleus: what peers' fastest tools give.
void sums_per_nucleus(benchmark::State& state) {
  const Field8& f = field();
  std::vector<Plane<const float>> planes;
  for (const auto& c : f.channels) planes.push_back(c.pixels);
  const std::vector<FixedPoint> fixed(kChannels, fixed_point_for(65535));
  for (auto _ : state) {
    const RegionRuns runs = label_runs(CpuQueue{}, f.labels.nucleus.view(), {});
    benchmark::DoNotOptimize(region_sums(CpuQueue{}, runs, {planes, fixed}).sums.data());
  }
  f.report(state);
}

void measure(benchmark::State& state, MeasureOptions options) {
  const Field8& f = field();
  for (auto _ : state)
    benchmark::DoNotOptimize(measure_cells(CpuQueue{}, f.channels, f.labels, 0.5, 0.75, options).size());
  f.report(state);
}

BENCHMARK(sums_per_nucleus)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, means, MeasureOptions{.medians = false, .shapes = false, .means_only = true})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, means_and_shapes, MeasureOptions{.medians = false, .shapes = true, .means_only = true})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, all_but_medians, MeasureOptions{.medians = false, .shapes = true, .means_only = false})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, all, MeasureOptions{})->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hexaplex
