#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/segment/local_threshold_pixel.h"

namespace hexaplex::detail {

/// @param weight  2^14 for 1; a wall counts 2^14 per unit and the landscape 2^13, half of which is 2^15
HX_HD inline std::uint16_t landscape_value(std::int32_t fine, std::int32_t coarse, std::int32_t wall,
                                           std::int32_t weight) {
  std::int32_t v = fine > coarse ? fine : coarse;
  v -= (wall * weight + (1 << 14)) >> 15;
  v += 32768;
  v = v < 0 ? 0 : v;
  return static_cast<std::uint16_t>(v > 65535 ? 65535 : v);
}

/// Whether a rise above the trough is more than a share of the object's own, in 2^-16. Rises of 32 bits multiply to 64.
template <class T>
HX_HD inline bool is_above_share(T rise, T own_rise, T share) {
  return static_cast<std::int64_t>(rise) * 65536 > static_cast<std::int64_t>(own_rise) * share;
}

/// Whether a pixel lies above the fraction. `trough` counts 1 / unit, `share` 2^-16.
HX_HD inline bool is_above_fraction(std::int64_t pixel, std::int64_t trough, std::int64_t own, std::int64_t unit,
                                    std::int64_t share) {
  return is_above_share(pixel * unit - trough, own * unit - trough, share);
}

/// For any stride; see landscape_runs.h for those that level_stride gives.
struct KeepAboveFraction {
  Plane<const std::uint16_t> image;
  LevelView trough;
  const std::uint16_t* own;
  const std::uint32_t* into;
  std::int64_t share;
  int left, top;  ///< of the labels inside the image
  Plane<std::uint32_t> labels;

  HX_HD void operator()(int x, int y) const {
    const std::uint32_t label = labels(x, y);
    if (label == 0) return;
    const int u = left + x, v = top + y;
    const bool keep =
        is_above_fraction(image(u, v), level_at(trough, u, v), own[label], level_unit(trough.stride), share);
    labels(x, y) = keep ? into[label] : 0;
  }
};

}  // namespace hexaplex::detail
