#include "core/bench/field_pipeline.h"

#include <atomic>
#include <exception>
#include <thread>

#include "kernels/intensity/unmix.h"

namespace hexaplex {

FieldBands upload_bands(const Queue& q, const SpectralField& field, Rect window) {
  FieldBands out;
  for (const auto& band : field.bands) out.push_back(upload<std::uint16_t>(q, band.view().window(window)));
  return out;
}

FieldComponents unmix_field(const Queue& q, const UnmixModel& model, const FieldBands& bands) {
  FieldComponents components;
  for (int c = 0; c < model.components; ++c) components.emplace_back(q, bands[0].extent());
  unmix_non_negative(q, model, views_of<const std::uint16_t>(bands), views_of<float>(components));
  return components;
}

FieldLabels segment_components(const Queue& q, const FieldComponents& components, const BenchInput& in) {
  SegmentationInput channels;
  channels.nuclear = components[0].view();
  CellParams p;
  p.um_per_px = 0.5;
  p.nucleus_um = in.nucleus_px * p.um_per_px;
  return segment_field(q, channels, p);
}

FieldFound analyse_field(const Queue& q, const UnmixModel& model, const BenchInput& in, const FieldBands& bands) {
  const FieldComponents components = unmix_field(q, model, bands);
  FieldFound found{segment_components(q, components, in), {}};
  found.measures = FieldMeasures(q, found.labels, views_of<const float>(components));
  return found;
}

std::uint64_t digest_of_found(const Queue& q, const FieldFound& found) {
  return digest_of(download<std::uint32_t>(q, found.labels.cell.view())) ^ digest_of_table(found.measures.on_host(q));
}

void for_each_on_streams(std::vector<Stream>& streams, std::size_t count,
                         const std::function<void(std::size_t stream, std::size_t i)>& work) {
  std::atomic<std::size_t> next{0};
  std::vector<std::exception_ptr> errors(streams.size());
  std::vector<std::thread> workers;
  for (std::size_t w = 0; w < streams.size(); ++w)
    workers.emplace_back([&, w] {
      try {
        for (std::size_t i = next++; i < count; i = next++) work(w, i);
      } catch (...) {
        errors[w] = std::current_exception();
      }
    });
  for (std::thread& t : workers) t.join();
  for (const std::exception_ptr& e : errors)
    if (e) std::rethrow_exception(e);
}

}  // namespace hexaplex
