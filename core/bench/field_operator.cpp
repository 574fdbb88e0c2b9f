#include "core/bench/field_operator.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "core/bench/field_measures.h"
#include "core/bench/spectral_field.h"
#include "core/segmentation/field_cells.h"
#include "kernels/intensity/unmix.h"
#include "kernels/runtime/device.h"

namespace hexaplex {

namespace {

constexpr int kTilePx = 2048;
constexpr int kStreams = 4;  // tiles at a time on a device
constexpr int kPasses = 4;   // over all tiles in a run there, so that a pipeline is seen in its stride

using Bands = std::vector<QueuePlane<std::uint16_t>>;
using Components = std::vector<QueuePlane<float>>;

// What is found in a field.
struct Found {
  FieldLabels labels{};
  FieldMeasures measures{};
};

Bands upload_bands(const Queue& q, const SpectralField& field, Rect window) {
  Bands out;
  for (const auto& band : field.bands) out.push_back(upload<std::uint16_t>(q, band.view().window(window)));
  return out;
}

template <class T, class Planes>
std::vector<Plane<T>> views_of(Planes& planes) {
  std::vector<Plane<T>> views;
  for (auto& p : planes) views.push_back(p.view());
  return views;
}

Components unmix(const Queue& q, const UnmixModel& model, const Bands& bands) {
  Components components;
  for (int c = 0; c < model.components; ++c) components.emplace_back(q, bands[0].extent());
  unmix_non_negative(q, model, views_of<const std::uint16_t>(bands), views_of<float>(components));
  return components;
}

FieldLabels segment(const Queue& q, const Components& components, const BenchInput& in) {
  SegmentationInput channels;
  channels.nuclear = components[0].view();
  CellParams p;
  p.um_per_px = 0.5;
  p.nucleus_um = in.nucleus_px * p.um_per_px;
  return segment_field(q, channels, p);
}

Found analyse(const Queue& q, const UnmixModel& model, const BenchInput& in, const Bands& bands) {
  const Components components = unmix(q, model, bands);
  Found found{segment(q, components, in), {}};
  found.measures = FieldMeasures(q, found.labels, views_of<const float>(components));
  return found;
}

std::uint64_t digest_of_labels(const Queue& q, const FieldLabels& labels) {
  return digest_of(download<std::uint32_t>(q, labels.cell.view()));
}

// --- one field, to cells

PreparedOperator prepare_field(const Queue& q, const BenchInput& in) {
  struct State {
    UnmixModel model;
    Bands bands;
    FieldLabels labels;
  };
  const SpectralField field = spectral_field(in.extent, in.nucleus_px);
  const auto s = std::make_shared<State>(
      State{field.model, upload_bands(q, field, {0, 0, in.extent.width, in.extent.height}), {}});
  return {{},
          [q, s, in] { s->labels = segment(q, unmix(q, s->model, s->bands), in); },
          [q, s] { return digest_of_labels(q, s->labels); }};
}

// --- tiles, to measures

struct Tiles {
  UnmixModel model;
  BenchInput input;
  std::vector<Stream> streams;  // of a device; they outlive what was made on them
  std::vector<Bands> bands;
  std::vector<Found> found;

  void analyse_all(const CpuQueue& q) {
    for (std::size_t i = 0; i < bands.size(); ++i) found[i] = analyse(q, model, input, bands[i]);
  }
#if HX_WITH_CUDA
  // A thread for each stream: while the host waits for one tile, the others go on.
  void analyse_all(const CudaQueue&) {
    const std::size_t most = bands.size() * kPasses;
    std::atomic<std::size_t> next{0};
    std::vector<std::exception_ptr> errors(streams.size());
    std::vector<std::thread> workers;
    for (std::size_t w = 0; w < streams.size(); ++w)
      workers.emplace_back([&, w] {
        try {
          const Queue q = streams[w].queue();
          for (std::size_t i = next++; i < most; i = next++) {
            Found made = analyse(q, model, input, bands[i % bands.size()]);
            synchronise(q);
            if (i + bands.size() >= most) found[i % bands.size()] = std::move(made);
          }
        } catch (...) {
          errors[w] = std::current_exception();
        }
      });
    for (std::thread& t : workers) t.join();
    for (const std::exception_ptr& e : errors)
      if (e) std::rethrow_exception(e);
  }
#endif
};

PreparedOperator prepare_tiles(const Queue& q, const BenchInput& in) {
  const SpectralField field = spectral_field(in.extent, in.nucleus_px);
  const auto tiles = std::make_shared<Tiles>();
  tiles->model = field.model;
  tiles->input = in;
  int passes = 1;
#if HX_WITH_CUDA
  if (const CudaQueue* cuda = std::get_if<CudaQueue>(&q); cuda != nullptr) {
    passes = kPasses;
    for (int i = 0; i < kStreams; ++i) tiles->streams.emplace_back(cuda->device);
  }
#endif
  for (int y = 0; y < in.extent.height; y += kTilePx)
    for (int x = 0; x < in.extent.width; x += kTilePx)
      tiles->bands.push_back(upload_bands(
          q, field, {x, y, std::min(kTilePx, in.extent.width - x), std::min(kTilePx, in.extent.height - y)}));
  tiles->found.resize(tiles->bands.size());
  const auto digest = [q, tiles] {
    std::uint64_t all = 0;
    for (const Found& f : tiles->found)
      all = 31 * all + (digest_of_labels(q, f.labels) ^ digest_of_table(f.measures.on_host(q)));
    return all;
  };
  return {{}, [q, tiles] { std::visit([&](const auto& queue) { tiles->analyse_all(queue); }, q); }, digest, passes};
}

}  // namespace

std::vector<BenchOperator> field_bench_operators() {
  return {{"field: unmix to cells", 24, prepare_field}, {"tiles: unmix to measures", 24, prepare_tiles}};
}

}  // namespace hexaplex
