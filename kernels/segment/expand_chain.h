#pragma once

#include <cstdint>

#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/expand.h"

namespace hexaplex::detail {

// Two passes, as on the CPU, but a column keeps how far off its nearest label lies instead of distance and label: 2
// bytes a pixel, and the label is read again where it counts. A search over the disk of each pixel would need no memory
// and, at the largest distance, two hundred thousand reads.

/// No label in reach.
inline constexpr std::int16_t kNoRow = 0x7fff;

/// Rows from each pixel to the nearest labelled pixel of its column, the lower label of two.
struct NearestRow {
  Plane<const std::uint32_t> src;
  Plane<std::int16_t> rows;
  int reach;

  HX_HD std::uint32_t label_at(int x, int y) const { return y >= 0 && y < src.height() ? src(x, y) : 0; }

  HX_HD void operator()(int x, int y) const {
    int found = kNoRow;
    for (int k = 0; k <= reach && found == kNoRow; ++k) {
      const std::uint32_t above = label_at(x, y - k), below = label_at(x, y + k);
      if (below != 0) found = k;
      if (above != 0 && (below == 0 || above <= below)) found = -k;
    }
    rows(x, y) = static_cast<std::int16_t>(found);
  }
};

/// The nearest of the columns' nearest.
struct NearestLabel {
  Plane<const std::uint32_t> src;
  Plane<const std::int16_t> rows;
  Plane<std::uint32_t> dst;
  int reach;
  int limit;  ///< of the squared distance

  /// Squared distance above, label below, so that one comparison decides; lowers `best`.
  HX_HD void look(int x, int y, int k, std::uint64_t& best) const {
    if (x < 0 || x >= src.width()) return;
    const int row = rows(x, y);
    if (row == kNoRow) return;
    const std::uint64_t distance = static_cast<std::uint64_t>(k * k + row * row) << 32;
    if (distance > best) return;
    const std::uint64_t met = distance | src(x, y + row);
    best = met < best ? met : best;
  }

  HX_HD void operator()(int x, int y) const {
    const std::uint64_t none = static_cast<std::uint64_t>(limit + 1) << 32;
    std::uint64_t best = none;
    for (int k = 0; k <= reach && static_cast<std::uint64_t>(k * k) << 32 <= best; ++k) {
      look(x - k, y, k, best);
      look(x + k, y, k, best);
    }
    dst(x, y) = best < none ? static_cast<std::uint32_t>(best) : 0;
  }
};

/// Memory: 2 bytes a pixel.
template <class Q>
void expand_labels_chain(const Q& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p) {
  const int reach = static_cast<int>(p.distance_px);
  const auto limit = static_cast<int>(p.distance_px * p.distance_px);
  const WorkBuffer<std::int16_t, Q> pixels(q, src.extent.area());
  const Plane<std::int16_t> rows{pixels.data(), src.extent, src.width()};
  for_each_pixel(q, src.extent, NearestRow{src, rows, reach}, "nearest labels of columns");
  for_each_pixel(q, src.extent, NearestLabel{src, rows, dst, reach, limit}, "nearest labels");
}

}  // namespace hexaplex::detail
