#pragma once

#include <vector>

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/upload.h"
#include "kernels/runtime/atomics.h"

namespace hexaplex::detail {

template <class T>
struct MarkSaturatedPixel {
  const Plane<const T>* bands;
  int band_count;
  double limit;
  Plane<std::uint8_t> saturated;  ///< no data: not wanted
  std::int64_t* counts;

  HX_HD void operator()(int x, int y) const {
    bool any = false;
    for (int b = 0; b < band_count; ++b) {
      if (!(bands[b](x, y) >= limit)) continue;
      any = true;
      atomic_add(&counts[b], std::int64_t{1});
    }
    if (saturated.data != nullptr) saturated(x, y) = any;
  }
};

template <class Q, class T>
void mark_saturated_chain(const Q& q, std::span<const Plane<const T>> bands, double limit,
                          Plane<std::uint8_t> saturated, std::span<std::int64_t> counts) {
  const auto views = upload(q, bands);
  const WorkBuffer<std::int64_t, Q> on_queue(q, counts.size());
  fill_bytes(q, on_queue.data(), 0, counts.size_bytes());
  for_each_pixel(q, bands[0].extent,
                 MarkSaturatedPixel<T>{views.data(), static_cast<int>(bands.size()), limit, saturated, on_queue.data()},
                 "marking saturated pixels");
  std::vector<std::int64_t> found(counts.size());
  fetch(q, on_queue.data(), found.data(), found.size());
  for (std::size_t b = 0; b < counts.size(); ++b) counts[b] += found[b];
}

}  // namespace hexaplex::detail
