#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"

namespace hexaplex::detail {

/// Weight of the coarse pixel before (0), at (1) or after (2) the one that holds a fine pixel, its `i`-th: the
/// quadratic B-spline in 1 / (8 factor^2).
HX_HD inline std::int64_t spline_weight(int which, std::int64_t i, std::int64_t factor) {
  const std::int64_t p = 2 * i + 1 - factor;  // from the coarse pixel's centre, in 1 / (2 factor)
  return which == 0   ? (factor - p) * (factor - p)
         : which == 1 ? 6 * factor * factor - 2 * p * p
                      : (factor + p) * (factor + p);
}

struct EnlargeLabel {
  Plane<const std::uint32_t> src;
  Plane<std::uint32_t> dst;
  int factor;

  /// The k-th of the 3 x 3 coarse pixels around (u, v), edges repeated. Read again and again rather than kept in an
  /// array, which a device would put in slow memory.
  HX_HD std::uint32_t neighbour(int u, int v, int k) const {
    const int last_x = src.width() - 1, last_y = src.height() - 1;
    const int nu = u - 1 + k % 3, nv = v - 1 + k / 3;
    return src(nu < 0 ? 0 : nu > last_x ? last_x : nu, nv < 0 ? 0 : nv > last_y ? last_y : nv);
  }

  HX_HD void operator()(int x, int y) const {
    const int u = x / factor, v = y / factor;
    const std::uint32_t centre = src(u, v);
    bool plain = true;
    for (int k = 0; k < 9; ++k) plain = plain && neighbour(u, v, k) == centre;
    std::uint32_t best = centre;
    std::int64_t most = -1;
    for (int k = 0; k < 9 && !plain; ++k) {
      const std::uint32_t candidate = neighbour(u, v, k);
      std::int64_t sum = 0;
      for (int i = 0; i < 9; ++i)
        if (neighbour(u, v, i) == candidate)
          sum += spline_weight(i / 3, y - v * factor, factor) * spline_weight(i % 3, x - u * factor, factor);
      if (sum > most || (sum == most && candidate < best)) best = candidate, most = sum;
    }
    dst(x, y) = best;
  }
};

}  // namespace hexaplex::detail
