// Writing the files of 25,000 cells with 8 markers.
#include "core/report/tables.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/cells/measure.h"
#include "core/io/ome_tiff_writer.h"
#include "core/report/geojson.h"
#include "core/report/overlay.h"

namespace hexaplex {
namespace {

struct Sample {
  Extent extent{4096, 4096};
  LabelPair labels{HostPlane<std::uint32_t>(extent, 0u), HostPlane<std::uint32_t>(extent, 0u)};
  HostPlane<float> plane{extent};
  SlideResult result;
  Sample() {
    std::uint32_t id = 0;
    for (std::int64_t i = 0; i < extent.area(); ++i) plane.data()[i] = static_cast<float>(i * 7919 % 1009) / 3;
    for (int cy = 13; cy < extent.height; cy += 26)
      for (int cx = 13; cx < extent.width; cx += 26) {
        ++id;
        for (int y = std::max(0, cy - 10); y <= std::min(extent.height - 1, cy + 10); ++y)
          for (int x = std::max(0, cx - 10); x <= std::min(extent.width - 1, cx + 10); ++x) {
            const int d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
            if (d2 <= 100) labels.cell(x, y) = id;
            if (d2 <= 60) labels.nucleus(x, y) = id;
          }
      }
    const std::vector<MeasuredChannel> channels(8, {"M", plane.view()});
    result.stem = "sample";
    result.extent = extent;
    result.um_per_px = 0.497;
    result.labels = labels;
    result.cells = measure_cells(CpuQueue{}, channels, labels, 0.497, 0.75);
    for (std::size_t m = 0; m < 8; ++m) result.cells.markers[m] += std::to_string(m);
    result.phenotypes = {{"A"}, {"B"}};
    for (std::size_t i = 0; i < result.cells.size(); ++i) result.phenotype.push_back(static_cast<int>(i % 2));
    result.nuclear = plane.view();
  }
};

const Sample& sample() {
  static const Sample s;
  return s;
}

template <class Write>
void write_file(benchmark::State& state, Write write) {
  const auto path = std::filesystem::temp_directory_path() / "hexaplex-bench-output";
  std::filesystem::remove(path);
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    OutputFile file(path);
    write(file);
    bytes = file.size();
    state.PauseTiming();  // the disk is not ours
    std::filesystem::remove(path);
    state.ResumeTiming();
  }
  state.counters["cells"] = static_cast<double>(sample().result.cells.size());
  state.counters["MB"] = static_cast<double>(bytes) / 1e6;
}

void cells_csv(benchmark::State& state) {
  write_file(state, [](OutputFile& f) { write_cells_csv(CpuQueue{}, sample().result, f); });
}
void inform_table(benchmark::State& state) {
  write_file(state, [](OutputFile& f) { write_inform_table(CpuQueue{}, sample().result, f); });
}
void geojson(benchmark::State& state) {
  write_file(state, [](OutputFile& f) { write_geojson(CpuQueue{}, sample().result, f); });
}
void labels(benchmark::State& state) {
  const OmeChannel<std::uint32_t> channels[] = {{"nucleus", sample().labels.nucleus.view()},
                                                {"cell", sample().labels.cell.view()}};
  write_file(state, [&](OutputFile& f) { write_ome_tiff(CpuQueue{}, f, channels, {"sample", 0.497, "Hexaplex"}); });
}
void overlay(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(draw_overlay(CpuQueue{}, sample().result).size());
}
BENCHMARK(cells_csv)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(inform_table)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(geojson)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(labels)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(overlay)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hexaplex
