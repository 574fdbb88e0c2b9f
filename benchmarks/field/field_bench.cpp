// The main job end to end in memory, timed by stage, as JSON: what benchmarks/peers compares with other people's
// pipelines.
//
//   field_bench RAW.tif LIBRARY.csv [--nuclear DAPI] [--membrane NAME]... [--giants NAME] [--nucleus-um 7] [--threads
//   N]
//               [--repeat 3] [--tile-size 1024] [--save LABELS.u32]
//
// Reading the file is not timed. Two rows: `basic` (least squares; means, areas and shapes) and `full` (exact
// non-negative least squares; every statistic, medians too). The best of the repeats is given, beside memcpy measured
// in the same run.
#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "benchmarks/support/memcpy_rate.h"
#include "core/cells/measure.h"
#include "core/io/slide.h"
#include "core/segmentation/cells.h"
#include "core/unmixing/library.h"
#include "kernels/intensity/unmix.h"
#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/launch.h"

namespace {

using namespace hexaplex;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string raw, library, nuclear = "DAPI", giants, save;
  std::vector<std::string> membranes;
  double nucleus_um = 7, um_per_px = 0.5, offset = 10;
  int threads = 0, repeat = 3, tile_px = 1024;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Bench {
  const Options& options;
  const SpectralLibrary library;
  const UnmixModel model;
  std::vector<HostPlane<std::uint16_t>> raw;
  std::vector<HostPlane<float>> components;

  std::size_t component(const std::string& name) const {
    for (std::size_t i = 0; i < library.components.size(); ++i)
      if (library.components[i] == name) return i;
    throw InvalidArgument("the library has no component " + name);
  }

  // Seconds by stage; `labels` and the number of cells come back too.
  std::map<std::string, double> run(bool full, LabelPair& labels, std::size_t& cells) {
    CpuQueue q;
    std::map<std::string, double> times;
    auto start = Clock::now();
    const auto lap = [&](const char* name) {
      times[name] = seconds_since(start);
      start = Clock::now();
    };
    std::vector<Plane<const std::uint16_t>> bands;
    std::vector<Plane<float>> planes;
    for (const auto& b : raw) bands.push_back(b.view());
    for (auto& c : components) planes.push_back(c.view());
    if (full) {
      unmix_non_negative(q, model, bands, planes);
    } else {
      unmix_least_squares(q, model, bands, planes, true);
    }
    lap("unmix");
    SegmentationInput input;
    input.nuclear = planes[component(options.nuclear)];
    for (const auto& m : options.membranes) input.membranes.push_back(planes[component(m)]);
    CellParams params;
    params.um_per_px = options.um_per_px;
    params.nucleus_um = options.nucleus_um;
    params.tile_px = options.tile_px;
    if (!options.giants.empty()) {
      input.giant_marker = planes[component(options.giants)];
      params.giants.emplace();
    }
    labels = segment_cells(q, input, params);
    lap("segment");
    std::vector<MeasuredChannel> channels;
    for (std::size_t i = 0; i < planes.size(); ++i) channels.push_back({library.components[i], planes[i]});
    MeasureOptions measures;
    measures.medians = full;
    measures.means_only = !full;
    cells = measure_cells(q, channels, labels, options.um_per_px, 0.75, measures).size();
    lap("measure");
    return times;
  }
};

nlohmann::json best_of(Bench& bench, bool full, LabelPair& labels) {
  std::map<std::string, double> best;
  double best_total = 0;
  std::size_t cells = 0;
  for (int i = 0; i < bench.options.repeat; ++i) {
    const auto times = bench.run(full, labels, cells);
    double total = 0;
    for (const auto& [name, t] : times) total += t;
    if (best.empty() || total < best_total) best = times, best_total = total;
  }
  const double mpx = static_cast<double>(bench.raw[0].extent().area()) / 1e6;
  return {{"seconds", best}, {"total_seconds", best_total}, {"mpx_per_s", mpx / best_total}, {"cells", cells}};
}

int run(const Options& options) {
  set_cpu_threads(options.threads);
  // As a batch of fields in one process would: all planes of a field of 4096 x 4096 fit, so none is mapped twice.
  set_host_memory_pool_cap(std::size_t{1} << 30);
  SpectralLibrary library = read_spectral_library(options.library);
  UnmixModel model = make_unmix_model(library.matrix, library.band_count(), library.component_count(), options.offset);
  Bench bench{options, std::move(library), std::move(model), {}, {}};
  const auto slide = open_slide(options.raw);
  const Extent extent = slide->info().extent;
  for (int b = 0; b < bench.model.bands; ++b) {
    bench.raw.emplace_back(extent);
    slide->read(b, 0, {0, 0, extent.width, extent.height}, bench.raw.back().view());
  }
  for (int c = 0; c < bench.model.components; ++c) bench.components.emplace_back(extent, 0.0f);
  LabelPair labels;
  nlohmann::json out{{"shape", {bench.model.bands, extent.height, extent.width}}, {"threads", cpu_threads()}};
  out["full"] = best_of(bench, true, labels);
  out["basic"] = best_of(bench, false, labels);
  out["memcpy_gb_per_s"] = benchmarks::memcpy_bytes_per_s() / 1e9;
  std::cout << out.dump(2) << '\n';
  if (!options.save.empty()) {
    std::ofstream file(options.save, std::ios::binary);
    for (const auto* plane : {&labels.nucleus, &labels.cell})
      file.write(reinterpret_cast<const char*>(plane->data()), static_cast<std::streamsize>(plane->bytes()));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("The main job end to end in memory, timed by stage");
  app.add_option("RAW", o.raw)->required();
  app.add_option("LIBRARY", o.library)->required();
  app.add_option("--nuclear", o.nuclear);
  app.add_option("--membrane", o.membranes);
  app.add_option("--giants", o.giants);
  app.add_option("--nucleus-um", o.nucleus_um);
  app.add_option("--um-per-px", o.um_per_px);
  app.add_option("--offset", o.offset);
  app.add_option("--threads", o.threads);
  app.add_option("--repeat", o.repeat)->check(CLI::PositiveNumber);
  app.add_option("--tile-size", o.tile_px);
  app.add_option("--save", o.save, "nucleus and cell labels, raw uint32");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(o);
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
