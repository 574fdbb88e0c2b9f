#pragma once

#include <cstdint>

#include "kernels/filter/blob_weights.h"
#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/plane.h"

namespace hexaplex::detail {

// The arithmetic of the blob response, once. Taps are added modulo 2^32: only the final sums have to fit, so that their
// order does not matter.

/// Adds to `sum` the taps of a pair of pixels, or of the centre alone.
HX_HD inline std::uint32_t blob_tap(std::uint32_t sum, std::int32_t weight, std::int32_t pixels) {
  return sum + static_cast<std::uint32_t>(weight) * static_cast<std::uint32_t>(pixels);
}

// What the first pass keeps, and what the second returns: rounded to nearest.
HX_HD inline std::uint16_t blob_smooth(std::uint32_t sum) {
  return static_cast<std::uint16_t>((sum + 32768u) >> 16);
}
HX_HD inline std::int32_t blob_second(std::uint32_t sum, int second_bits) {
  return (static_cast<std::int32_t>(sum) + (1 << (second_bits - 1))) >> second_bits;
}
HX_HD inline std::int16_t blob_round(std::uint32_t sum) {
  return static_cast<std::int16_t>(-((static_cast<std::int32_t>(sum) + (1 << 15)) >> 16));
}

/// First pass: both filters down the column. Defines, with the second, what any faster form must return.
struct BlobVertical {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> smooth;
  Plane<std::int32_t> second;
  BlobWeights weights;

  HX_HD void operator()(int x, int y) const {
    const int height = src.extent.height;
    const std::int32_t centre = src(x, y);
    std::uint32_t s = blob_tap(0, weights.smooth[0], centre), d = blob_tap(0, weights.second[0], centre);
    for (int k = 1; k <= weights.radius; ++k) {
      const std::int32_t pair = src(x, nearest_inside(y - k, height)) + src(x, nearest_inside(y + k, height));
      s = blob_tap(s, weights.smooth[k], pair);
      d = blob_tap(d, weights.second[k], pair);
    }
    smooth(x, y) = blob_smooth(s);
    second(x, y) = blob_second(d, weights.second_bits);
  }
};

/// Second pass: each filter along the row of the other's first pass, the sum of both.
struct BlobHorizontal {
  Plane<const std::uint16_t> smooth;
  Plane<const std::int32_t> second;
  Plane<std::int16_t> dst;
  BlobWeights weights;

  HX_HD void operator()(int x, int y) const {
    const int width = dst.extent.width;
    std::uint32_t sum = blob_tap(blob_tap(0, weights.second[0], smooth(x, y)), weights.smooth[0], second(x, y));
    for (int k = 1; k <= weights.radius; ++k) {
      const int before = nearest_inside(x - k, width), after = nearest_inside(x + k, width);
      sum = blob_tap(sum, weights.second[k], smooth(before, y) + smooth(after, y));
      sum = blob_tap(sum, weights.smooth[k], second(before, y) + second(after, y));
    }
    dst(x, y) = blob_round(sum);
  }
};

}  // namespace hexaplex::detail
