#pragma once

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_pixel.h"
#include "kernels/intensity/upload.h"
#include "kernels/runtime/pixel_group.h"

namespace hexaplex::detail {

/// All components of four neighbours. Tables and views lie in the queue's memory.
template <class T>
struct LeastSquaresGroup {
  static constexpr int kPixels = 4;
  const Plane<const T>* bands;
  const Plane<float>* components;
  const float* inverse;
  int band_count, component_count;
  float offset;
  bool clip;
  bool aligned_bands, aligned_components;

  HX_HD void operator()(int group, int y) const {
    constexpr int kTogether = 8;  // share one reading of the bands; their sums stay in registers
    const int x = group * kPixels;
    for (int first = 0; first < component_count; first += kTogether) {
      PixelGroup<float, kPixels> sums[kTogether] = {};
      for (int b = 0; b < band_count; ++b) {
        const auto raw = load_group<kPixels>(bands[b], x, y, aligned_bands);
        float counts[kPixels];
        for (int i = 0; i < kPixels; ++i) counts[i] = static_cast<float>(raw[i]) - offset;
        for (int k = 0; k < kTogether; ++k) {
          if (first + k >= component_count) continue;
          const float weight = inverse[(first + k) * band_count + b];
          for (int i = 0; i < kPixels; ++i) sums[k][i] = add_weighted(sums[k][i], weight, counts[i]);
        }
      }
      for (int k = 0; k < kTogether; ++k) {
        if (first + k >= component_count) continue;
        for (int i = 0; i < kPixels; ++i) sums[k][i] = clip && !(sums[k][i] > 0) ? 0.0f : sums[k][i];
        store_group(components[first + k], x, y, aligned_components, sums[k]);
      }
    }
  }
};

template <class Q, class T>
void unmix_least_squares_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                               std::span<const Plane<float>> components, bool clip) {
  using Group = LeastSquaresGroup<T>;
  const auto band_views = upload(q, bands);
  const auto component_views = upload(q, components);
  const auto inverse = upload(q, std::span<const float>(m.inverse));
  for_each_pixel(q, in_groups<Group::kPixels>(bands[0].extent),
                 Group{band_views.data(), component_views.data(), inverse.data(), m.bands, m.components,
                       static_cast<float>(m.offset_counts), clip, has_aligned_groups<Group::kPixels>(bands),
                       has_aligned_groups<Group::kPixels>(components)},
                 "unmixing by least squares");
}

}  // namespace hexaplex::detail
