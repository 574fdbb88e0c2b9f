#include "core/bench/field_operator.h"

#include <memory>
#include <utility>

#include "core/bench/spectral_field.h"
#include "core/segmentation/field_cells.h"
#include "kernels/intensity/unmix.h"

namespace hexaplex {

namespace {

struct Field {
  UnmixModel model;
  std::vector<QueuePlane<std::uint16_t>> bands;
  std::vector<QueuePlane<float>> components;
  FieldLabels labels;
};

void analyse(const Queue& q, Field& f, const BenchInput& in) {
  std::vector<Plane<const std::uint16_t>> raw;
  std::vector<Plane<float>> abundances;
  for (const auto& band : f.bands) raw.push_back(band.view());
  for (auto& c : f.components) abundances.push_back(c.view());
  unmix_non_negative(q, f.model, raw, abundances);
  SegmentationInput channels;
  channels.nuclear = abundances[0];
  CellParams p;
  p.um_per_px = 0.5;
  p.nucleus_um = in.nucleus_px * p.um_per_px;
  f.labels = segment_field(q, channels, p);
}

PreparedOperator prepare(const Queue& q, const BenchInput& in) {
  const SpectralField field = spectral_field(in.extent, in.nucleus_px);
  const auto f = std::make_shared<Field>();
  f->model = field.model;
  for (const auto& band : field.bands) f->bands.push_back(upload<std::uint16_t>(q, band.view()));
  for (int c = 0; c < f->model.components; ++c) f->components.emplace_back(q, in.extent);
  return {{},
          [q, f, in] { analyse(q, *f, in); },
          [q, f] { return digest_of(download<std::uint32_t>(q, std::as_const(f->labels.cell).view())); }};
}

}  // namespace

BenchOperator field_bench_operator() {
  return {"field: unmix to cells", 24, prepare};
}

}  // namespace hexaplex
