// Every stage of the engine on one slide, timed by itself, as JSON: what stages.py sets beside the peers.
//
//   stage_bench RAW.tif LIBRARY.csv [--nuclear DAPI] [--nucleus-px 15] [--threads N] [--repeat 5] [--save DIR]
//
// Nothing is timed but the stage: its input is there, its output has been touched. The best of the repeats is given.
// --save writes what the stages worked on, so that peers can work on the same.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "benchmarks/support/memcpy_rate.h"
#include "benchmarks/support/segmentation_steps.h"
#include "core/cells/measure.h"
#include "core/io/slide.h"
#include "core/segmentation/source.h"
#include "core/unmixing/library.h"
#include "kernels/filter/gaussian.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/intensity/unmix.h"
#include "kernels/measure/region_stats.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/components.h"
#include "kernels/segment/expand.h"
#include "kernels/segment/merge.h"

namespace {

using namespace hexaplex;
using nlohmann::json;

struct Options {
  std::string raw, library, nuclear = "DAPI", save;
  double nucleus_px = 15, expand_px = 6, offset = 10;
  int threads = 0, repeat = 5;
};

class Stages {
 public:
  Stages(Extent extent, int repeat) : pixels_(static_cast<double>(extent.area())), repeat_(repeat) {}

  /// @param bytes_per_px  the least that must move: inputs read once, outputs written once
  template <class F>
  void time(const char* name, double bytes_per_px, F stage) {
    double best_s = 1e9, cpu_s = 1e9;
    for (int i = 0; i <= repeat_; ++i) {
      const std::clock_t cpu_start = std::clock();
      const auto start = std::chrono::steady_clock::now();
      stage();
      const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const double cpu = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
      if (i == 0) continue;  // warms up
      best_s = std::min(best_s, s);
      cpu_s = std::min(cpu_s, cpu);
    }
    stages_.push_back({{"stage", name},
                       {"bytes_per_px", bytes_per_px},
                       {"seconds", best_s},
                       {"cpu_seconds", cpu_s},  // of all threads: says more where others use the machine too
                       {"mpx_per_s", pixels_ / best_s / 1e6},
                       {"of_memcpy", pixels_ * bytes_per_px / best_s / benchmarks::memcpy_bytes_per_s()}});
  }
  const json& result() const { return stages_; }

 private:
  double pixels_;
  int repeat_;
  json stages_ = json::array();
};

template <class P>
auto views(P& planes) {
  std::vector<decltype(planes[0].view())> out;
  for (auto& p : planes) out.push_back(p.view());
  return out;
}

template <class T>
void save(const std::filesystem::path& file, const HostPlane<T>& plane) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(plane.data()), static_cast<std::streamsize>(plane.bytes()));
  if (!out) throw OutputError(file.string(), "cannot be written");
}

void paint(CpuQueue& q, const Components& c, Plane<std::uint32_t> labels) {
  std::vector<std::size_t> row(static_cast<std::size_t>(labels.height()) + 1, c.runs.size());
  for (std::size_t i = c.runs.size(); i-- > 0;) row[static_cast<std::size_t>(c.runs[i].y)] = i;
  for (std::size_t y = row.size() - 1; y-- > 0;) row[y] = std::min(row[y], row[y + 1]);
  for_each_band(q, labels.height(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (auto y = begin; y < end; ++y) {
      std::uint32_t* out = labels.row(static_cast<int>(y));
      std::fill_n(out, labels.width(), 0u);
      for (std::size_t i = row[static_cast<std::size_t>(y)]; i < row[static_cast<std::size_t>(y) + 1]; ++i)
        std::fill(out + c.runs[i].x0, out + c.runs[i].x1, c.component[i] + 1);
    }
  });
}

int run(const Options& o) {
  set_cpu_threads(o.threads);
  CpuQueue q;
  const SpectralLibrary library = read_spectral_library(o.library);
  const UnmixModel model = make_unmix_model(library.matrix, library.band_count(), library.component_count(), o.offset);
  const auto slide = open_slide(o.raw);
  const Extent extent = slide->info().extent;
  Stages stages(extent, o.repeat);

  std::vector<HostPlane<std::uint16_t>> raw;
  std::vector<HostPlane<float>> components, counts;
  for (int b = 0; b < model.bands; ++b) {
    slide->read(b, 0, {0, 0, extent.width, extent.height}, raw.emplace_back(extent).view());
    counts.emplace_back(extent);
    std::copy_n(raw.back().data(), extent.area(), counts.back().data());
  }
  for (int c = 0; c < model.components; ++c) components.emplace_back(extent, 0.0f);
  const auto in = [&] {
    std::vector<Plane<const std::uint16_t>> v;
    for (const auto& b : raw) v.push_back(b.view());
    return v;
  }();
  const auto out = views(components);
  const double unmix_bytes = 2.0 * model.bands + 4.0 * model.components;
  NonNegativeReport nnls;
  stages.time("unmix_non_negative", unmix_bytes, [&] { nnls = unmix_non_negative(q, model, in, out); });
  stages.time("unmix_least_squares", unmix_bytes, [&] { unmix_least_squares(q, model, in, out, true); });

  const auto nuclear = std::find(library.components.begin(), library.components.end(), o.nuclear);
  if (nuclear == library.components.end()) throw InvalidArgument("the library has no component " + o.nuclear);
  const HostPlane<float>& image = components[static_cast<std::size_t>(nuclear - library.components.begin())];
  Histogram16 keys = empty_histogram();
  add_to_histogram(q, image.view(), keys);
  const float scale = static_cast<float>(kLogReference) / reference_level(keys);
  benchmarks::SegmentationSteps s(image, scale, o.nucleus_px);

  HostPlane<std::uint16_t> blurred(extent, 0);
  for (const auto& [name, sigma] : {std::pair{"gaussian_2", 2.0}, {"gaussian_10", 10.0}})
    stages.time(name, 4, [&] { gaussian_blur(q, s.linear.view(), blurred.view(), {sigma}); });
  HostPlane<std::int16_t> blobs(extent, 0);
  stages.time("log_3", 4, [&] { blob_response(q, s.linear.view(), blobs.view(), {3.0}); });
  std::int64_t counted = 0;
  stages.time("histogram_16", 2, [&] {
    Histogram16 h = empty_histogram();
    add_to_histogram(q, s.linear.view(), h);
    counted = total(h);
  });
  HX_EXPECT(counted == extent.area(), "the histogram lost pixels");
  HostPlane<std::uint8_t> above(extent, 0);
  stages.time("local_threshold_51", 3, [&] {
    above_level(q, s.level.view(), local_level(q, s.level.view(), {51, 0.45}), 0, above.view());
  });
  HostPlane<std::uint32_t> labels(extent, 0);
  std::size_t parts = 0;
  stages.time("components", 5, [&] {
    const Components c = mask_components(q, s.mask.view(), 1);
    parts = c.count();
    paint(q, c, labels.view());
  });
  stages.time("hill_climb", 7, [&] {
    climb_pointers(q, s.landscape.view(), s.mask.view(), s.pointers.view());
    label_basins(q, s.pointers.view(), s.labels.view());
  });
  HostVector<std::uint32_t> into;
  stages.time("graph_and_merge", 8, [&] {
    RegionGraphBuilder builder(s.graph.regions.size() - 1);
    builder.add(q, s.whole(), s.labels.view(), {s.level.view(), {}, s.linear.view()}, 0, 0);
    RegionGraph graph = builder.finish();
    MergeParams params;
    params.nucleus_px = o.nucleus_px;
    into = merge_regions(graph, params);
  });
  LabelPair nuclei{HostPlane<std::uint32_t>(extent), HostPlane<std::uint32_t>(extent, 0)};
  for (std::int64_t i = 0; i < extent.area(); ++i) nuclei.nucleus.data()[i] = into[s.labels.data()[i]];
  stages.time("expand", 8, [&] { expand_labels(q, nuclei.nucleus.view(), nuclei.cell.view(), {o.expand_px}); });

  std::vector<Plane<const float>> planes;
  std::vector<MeasuredChannel> channels;
  for (const auto& c : counts) {
    planes.push_back(c.view());
    channels.push_back({"M" + std::to_string(channels.size()), c.view()});
  }
  const std::vector<FixedPoint> fixed(planes.size(), fixed_point_for(65535));
  const double measure_bytes = 4 + 4.0 * static_cast<double>(planes.size());
  std::size_t measured = 0;
  stages.time("measure", measure_bytes, [&] {
    const RegionRuns runs = label_runs(q, nuclei.nucleus.view(), {});
    measured = region_sums(q, runs, {planes, fixed}).labels.size();
  });
  for (const auto& [name, options] : {std::pair{"cells_means", MeasureOptions{false, false, true}},
                                      {"cells_no_medians", MeasureOptions{false, true, false}},
                                      {"cells_all", MeasureOptions{}}})
    stages.time(name, measure_bytes + 4, [&] { measure_cells(q, channels, nuclei, 0.5, 0.75, options); });

  const auto covered = std::count(s.mask.data(), s.mask.data() + extent.area(), 1);
  std::cout << json{{"shape", {model.bands, extent.height, extent.width}},
                    {"components", model.components},
                    {"threads", cpu_threads()},
                    {"memcpy_gb_per_s", benchmarks::memcpy_bytes_per_s() / 1e9},
                    {"one_thread_memcpy_gb_per_s", benchmarks::one_thread_memcpy_bytes_per_s() / 1e9},
                    {"nuclei", measured},
                    {"mask_components", parts},
                    {"foreground", static_cast<double>(covered) / static_cast<double>(extent.area())},
                    {"largest_violation", nnls.max_violation},
                    {"stages", stages.result()}}
                   .dump(2)
            << '\n';
  if (!o.save.empty()) {
    const std::filesystem::path dir = o.save;
    save(dir / "linear.u16", s.linear);
    save(dir / "level.u16", s.level);
    save(dir / "landscape.u16", s.landscape);
    save(dir / "mask.u8", s.mask);
    save(dir / "fragments.u32", s.labels);
    save(dir / "nuclei.u32", nuclei.nucleus);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Every stage of the engine, timed by itself");
  app.add_option("RAW", o.raw)->required();
  app.add_option("LIBRARY", o.library)->required();
  app.add_option("--nuclear", o.nuclear);
  app.add_option("--nucleus-px", o.nucleus_px);
  app.add_option("--offset", o.offset);
  app.add_option("--threads", o.threads);
  app.add_option("--repeat", o.repeat)->check(CLI::PositiveNumber);
  app.add_option("--save", o.save, "folder for what the stages worked on, raw")->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  try {
    return run(o);
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
