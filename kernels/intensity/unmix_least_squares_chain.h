#pragma once

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_pixel.h"
#include "kernels/intensity/upload.h"

namespace hexaplex::detail {

/// All components of one pixel. Tables and views lie in the queue's memory.
template <class T>
struct LeastSquaresPixel {
  const Plane<const T>* bands;
  const Plane<float>* components;
  const float* inverse;
  int band_count, component_count;
  float offset;
  bool clip;

  HX_HD void operator()(int x, int y) const {
    constexpr int kTogether = 8;  // share one reading of the bands; their sums stay in registers
    for (int first = 0; first < component_count; first += kTogether) {
      float sums[kTogether] = {};
      for (int b = 0; b < band_count; ++b) {
        const float counts = static_cast<float>(bands[b](x, y)) - offset;
        for (int k = 0; k < kTogether; ++k)
          if (first + k < component_count)
            sums[k] = add_weighted(sums[k], inverse[(first + k) * band_count + b], counts);
      }
      for (int k = 0; k < kTogether; ++k)
        if (first + k < component_count) components[first + k](x, y) = clip && !(sums[k] > 0) ? 0.0f : sums[k];
    }
  }
};

template <class Q, class T>
void unmix_least_squares_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                               std::span<const Plane<float>> components, bool clip) {
  const auto band_views = upload(q, bands);
  const auto component_views = upload(q, components);
  const auto inverse = upload(q, std::span<const float>(m.inverse));
  for_each_pixel(q, bands[0].extent,
                 LeastSquaresPixel<T>{band_views.data(), component_views.data(), inverse.data(), m.bands, m.components,
                                      static_cast<float>(m.offset_counts), clip},
                 "unmixing by least squares");
}

}  // namespace hexaplex::detail
