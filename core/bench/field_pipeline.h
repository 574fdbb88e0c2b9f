#pragma once

#include <functional>
#include <vector>

#include "core/bench/field_measures.h"
#include "core/bench/operators.h"
#include "core/bench/spectral_field.h"
#include "core/segmentation/field_cells.h"
#include "kernels/intensity/unmix_model.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/queue_plane.h"

namespace hexaplex {

using FieldBands = std::vector<QueuePlane<std::uint16_t>>;
using FieldComponents = std::vector<QueuePlane<float>>;

/// What is found in a field.
struct FieldFound {
  FieldLabels labels{};
  FieldMeasures measures{};
};

/// A window of a field, raw, on a queue.
FieldBands upload_bands(const Queue& q, const SpectralField& field, Rect window);

FieldComponents unmix_field(const Queue& q, const UnmixModel& model, const FieldBands& bands);
FieldLabels segment_components(const Queue& q, const FieldComponents& components, const BenchInput& in);

/// Raw bands to what is measured of the cells.
FieldFound analyse_field(const Queue& q, const UnmixModel& model, const BenchInput& in, const FieldBands& bands);

std::uint64_t digest_of_found(const Queue& q, const FieldFound& found);

/// The views of planes, for operators.
template <class T, class Planes>
std::vector<Plane<T>> views_of(Planes& planes) {
  std::vector<Plane<T>> views;
  for (auto& p : planes) views.push_back(p.view());
  return views;
}

/// Calls work(stream, i) for every i below `count`, a thread for each stream: while the host waits for one, the others
/// go on. The first exception is thrown again.
void for_each_on_streams(std::vector<Stream>& streams, std::size_t count,
                         const std::function<void(std::size_t stream, std::size_t i)>& work);

}  // namespace hexaplex
