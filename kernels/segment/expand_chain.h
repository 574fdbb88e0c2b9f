#pragma once

#include <cstdint>

#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/expand.h"

namespace hexaplex::detail {

// Two passes, as on the CPU: the nearest label of each column, then the nearest of the columns' nearest. Where labels
// reach a few pixels, a block makes both in shared memory, from a tile and what lies around it; the further they reach,
// the more lies around, and both passes go through device memory.

/// Squared distance above, label below, so that one comparison decides.
HX_HD inline std::uint64_t expand_key(int squared, std::uint32_t label) {
  return static_cast<std::uint64_t>(squared) << 32 | label;
}

struct ExpandTile {
  static constexpr int kThreads = 256;
  static constexpr int kMostReach = 8;
  static constexpr int kWidth = 64, kHeight = 32;
  static constexpr int kLanes = 32, kStep = kThreads / kLanes;  ///< a warp takes a row, 32 pixels at once
  static constexpr int kPitch = kWidth + 2 * kMostReach;
  static constexpr std::int8_t kNone = 127;  ///< no label in reach
  struct Shared {
    std::uint32_t label[(kHeight + 2 * kMostReach) * kPitch];
    std::int8_t rows[kHeight * kPitch];  ///< from a pixel to the nearest label of its column, the lower of two
  };

  Plane<const std::uint32_t> src;
  Plane<std::uint32_t> dst;
  BlockTiles tiles;
  int reach;
  int limit;  ///< of the squared distance

  /// Calls f(x, y) for thread t's pixels of a rectangle at (0, 0).
  template <class F>
  HX_HD static void each(int width, int height, int t, F f) {
    for (int y = t / kLanes; y < height; y += kStep)
      for (int x = t % kLanes; x < width; x += kLanes) f(x, y);
  }

  HX_HD std::int8_t nearest_row(const std::uint32_t* at) const {
    for (int k = 0; k <= reach; ++k) {
      const std::uint32_t above = at[-k * kPitch], below = at[k * kPitch];
      if ((above | below) == 0) continue;
      return static_cast<std::int8_t>(above != 0 && (below == 0 || above <= below) ? -k : k);
    }
    return kNone;
  }

  HX_HD void look(const Shared& s, int place, int k, std::uint64_t& best) const {
    const int row = s.rows[place];
    if (row == kNone) return;
    const std::uint64_t met = expand_key(k * k + row * row, s.label[place + (row + reach) * kPitch]);
    best = met < best ? met : best;
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    const int width = kWidth + 2 * reach;
    block.each_thread([&](int t) {
      each(width, kHeight + 2 * reach, t, [&](int x, int y) {
        const int sx = left + x - reach, sy = top + y - reach;
        const bool exists = sx >= 0 && sy >= 0 && sx < src.width() && sy < src.height();
        s.label[y * kPitch + x] = exists ? src(sx, sy) : 0;
      });
    });
    block.each_thread([&](int t) {
      each(width, kHeight, t,
           [&](int x, int y) { s.rows[y * kPitch + x] = nearest_row(s.label + (y + reach) * kPitch + x); });
    });
    block.each_thread([&](int t) {
      each(kWidth, kHeight, t, [&](int x, int y) {
        if (left + x >= dst.width() || top + y >= dst.height()) return;
        const int place = y * kPitch + x + reach;
        const std::uint64_t none = expand_key(limit + 1, 0);
        std::uint64_t best = none;
        look(s, place, 0, best);
        for (int k = 1; k <= reach && expand_key(k * k, 0) <= best; ++k) {
          look(s, place - k, k, best);
          look(s, place + k, k, best);
        }
        dst(left + x, top + y) = best < none ? static_cast<std::uint32_t>(best) : 0;
      });
    });
  }
};

// The others: a column keeps how far off its nearest label lies instead of distance and label, 2 bytes a pixel, and the
// label is read again where it counts. A search over the disk of each pixel would need no memory and, at the largest
// distance, two hundred thousand reads.

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

  /// Lowers `best`.
  HX_HD void look(int x, int y, int k, std::uint64_t& best) const {
    if (x < 0 || x >= src.width()) return;
    const int row = rows(x, y);
    if (row == kNoRow) return;
    if (expand_key(k * k + row * row, 0) > best) return;
    const std::uint64_t met = expand_key(k * k + row * row, src(x, y + row));
    best = met < best ? met : best;
  }

  HX_HD void operator()(int x, int y) const {
    const std::uint64_t none = expand_key(limit + 1, 0);
    std::uint64_t best = none;
    for (int k = 0; k <= reach && expand_key(k * k, 0) <= best; ++k) {
      look(x - k, y, k, best);
      look(x + k, y, k, best);
    }
    dst(x, y) = best < none ? static_cast<std::uint32_t>(best) : 0;
  }
};

/// Memory: none up to a distance of 8, and 2 bytes a pixel beyond.
template <class Q>
void expand_labels_chain(const Q& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p) {
  const int reach = static_cast<int>(p.distance_px);
  const auto limit = static_cast<int>(p.distance_px * p.distance_px);
  if (reach <= ExpandTile::kMostReach) {
    const BlockTiles tiles = BlockTiles::over(src.width(), src.height(), ExpandTile::kWidth, ExpandTile::kHeight);
    for_each_block(q, tiles.count(), ExpandTile{src, dst, tiles, reach, limit}, "nearest labels");
    return;
  }
  const WorkBuffer<std::int16_t, Q> pixels(q, src.extent.area());
  const Plane<std::int16_t> rows{pixels.data(), src.extent, src.width()};
  for_each_pixel(q, src.extent, NearestRow{src, rows, reach}, "nearest labels of columns");
  for_each_pixel(q, src.extent, NearestLabel{src, rows, dst, reach, limit}, "nearest labels");
}

}  // namespace hexaplex::detail
