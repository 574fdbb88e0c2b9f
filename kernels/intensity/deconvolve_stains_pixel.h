#pragma once

#include "kernels/runtime/host_device.h"

// The arithmetic of deconvolve_stains.h, once for every backend.

namespace hexaplex::detail {

/// The entry of a value in a band's table: nothing is above the last one.
[[gnu::always_inline]] HX_HD inline int density_entry(int value) {
  return value < 255 ? value : 255;
}

/// How much of a stain there is, from the densities of red, green and blue.
[[gnu::always_inline]] HX_HD inline float stain_amount(const float* weights, float r, float g, float b, bool clip) {
  const float sum = weights[0] * r + weights[1] * g + weights[2] * b;
  return clip && !(sum > 0.0f) ? 0.0f : sum;
}

}  // namespace hexaplex::detail
