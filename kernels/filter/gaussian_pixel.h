#pragma once

#include <cstdint>

#include "kernels/filter/gaussian_weights.h"
#include "kernels/runtime/plane.h"

namespace hexaplex::detail {

// The arithmetic of the Gaussian, once. Every twin folds the taps of a pixel with these three functions. All is exact
// in 32 unsigned bits: the weights sum to 2^16, so a sum is at most 65535 * 65536 + 32768 < 2^32, whatever the order.

HX_HD inline std::uint32_t gaussian_first(std::uint32_t weight, std::uint32_t centre) {
  return 32768u + weight * centre;  // the half that turns the final shift into rounding
}
HX_HD inline std::uint32_t gaussian_tap(std::uint32_t sum, std::uint32_t weight, std::uint32_t before,
                                        std::uint32_t after) {
  return sum + weight * (before + after);
}
HX_HD inline std::uint16_t gaussian_round(std::uint32_t sum) {
  return static_cast<std::uint16_t>(sum >> 16);
}

HX_HD inline int nearest_inside(int i, int count) {
  return i < 0 ? 0 : i >= count ? count - 1 : i;
}

/// First pass: down the column. Defines what any faster form must return.
struct GaussianVertical {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  GaussianWeights weights;

  HX_HD void operator()(int x, int y) const {
    const int height = src.extent.height;
    std::uint32_t sum = gaussian_first(weights.weight[0], src(x, y));
    for (int k = 1; k <= weights.radius; ++k)
      sum = gaussian_tap(sum, weights.weight[k], src(x, nearest_inside(y - k, height)),
                         src(x, nearest_inside(y + k, height)));
    dst(x, y) = gaussian_round(sum);
  }
};

/// Second pass: along the row of the first pass's result.
struct GaussianHorizontal {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  GaussianWeights weights;

  HX_HD void operator()(int x, int y) const {
    const int width = src.extent.width;
    std::uint32_t sum = gaussian_first(weights.weight[0], src(x, y));
    for (int k = 1; k <= weights.radius; ++k)
      sum = gaussian_tap(sum, weights.weight[k], src(nearest_inside(x - k, width), y),
                         src(nearest_inside(x + k, width), y));
    dst(x, y) = gaussian_round(sum);
  }
};

}  // namespace hexaplex::detail
