#pragma once

#include <algorithm>

#include "kernels/measure/region_keys.h"
#include "kernels/measure/region_pixels_chain.h"
#include "kernels/measure/region_select.h"

namespace hexaplex::detail {

/// Medians of several planes: [plane][region][set].
template <class Q>
WorkBuffer<double, Q> region_medians_chain(const Q& q, const DeviceRegions<Q>& regions,
                                           std::span<const Plane<const float>> planes, const PixelSets& sets,
                                           int set_count) {
  HX_EXPECT(set_count >= 0 && set_count <= kMaxPixelSets, "a pixel is of 8 sets at most");
  for (const Plane<const float>& plane : planes)
    HX_EXPECT(plane.extent == regions.planes.outer.extent, "the channel and the labels differ in extent");
  const std::size_t of_plane = regions.labels.size() * static_cast<std::size_t>(set_count);
  WorkBuffer<double, Q> medians(q, planes.size() * of_plane);
  if (medians.size() == 0) return medians;
  const KeyPlaces<Q> places(q, regions);
  const std::size_t at_once = places.at_once(planes.size());
  const WorkBuffer<std::uint32_t, Q> keys(q, at_once * places.keys);
  SelectMedians select{places.begin.data(), keys.data(), 0, set_count, nullptr};
  for (std::size_t part = 0; part < kPartCount; ++part)
    select.set_masks |= static_cast<std::uint32_t>(sets[part]) << (8 * part);
  for (std::size_t first = 0; first < planes.size(); first += at_once) {
    const auto some = planes.subspan(first, std::min(at_once, planes.size() - first));
    places.scatter(q, some, keys.data());
    for (std::size_t i = 0; i < some.size(); ++i) {
      select.keys = keys.data() + i * places.keys;
      select.medians = medians.data() + (first + i) * of_plane;
      for_each_block(q, static_cast<std::int64_t>(regions.labels.size()), select, "selecting medians");
    }
  }
  return medians;
}

}  // namespace hexaplex::detail
