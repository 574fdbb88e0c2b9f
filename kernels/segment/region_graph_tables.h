#pragma once

#include "kernels/segment/contact_table.h"

namespace hexaplex::detail {

// What a tile of an image gathers in shared memory (region_graph_tile.h). Both tables are open to all threads of a
// block, and say where they have no room.

inline constexpr int kGraphTileWidth = 64, kGraphTileHeight = 32;

/// Pixels of one label within a tile. Places are those of the tile, so that all sums fit 32 bits.
struct TileRun {
  std::uint32_t label;
  std::uint32_t area, x, y, xx, yy, xy, level, wall, linear;
};

/// Adds what a tile found to a region's sums; the tile's first pixel is (left, top) of the image.
HX_HD inline void add_to_region(const TileRun& r, std::int64_t left, std::int64_t top, RegionSums& to) {
  const std::int64_t n = r.area, x = r.x, y = r.y;
  atomic_add(&to.area, n);
  atomic_add(&to.x, x + left * n);
  atomic_add(&to.y, y + top * n);
  atomic_add(&to.xx, r.xx + left * (2 * x + left * n));
  atomic_add(&to.yy, r.yy + top * (2 * y + top * n));
  atomic_add(&to.xy, r.xy + left * y + top * (x + left * n));
  atomic_add(&to.level, static_cast<std::int64_t>(r.level));
  if (r.wall != 0) atomic_add(&to.wall, static_cast<std::int64_t>(r.wall));
  atomic_add(&to.linear, static_cast<std::int64_t>(r.linear));
}

/// Regions of a tile: a hash table in shared memory, no atomic of which has more than 32 bits. Over 64 x 32 pixels
/// area <= 2^11, x <= 32 * 2016 < 2^16, y <= 64 * 496 < 2^15, xx <= 32 * 85,344 < 2^22, yy <= 64 * 10,416 < 2^20,
/// xy <= 2016 * 496 < 2^20 and sums of values < 2^27: two pairs of them share a word.
struct TileRegions {
  static constexpr std::uint32_t kSlots = 256, kSteps = 16;
  std::uint32_t label[kSlots];  ///< 0: free
  std::uint32_t area_yy[kSlots], x_y[kSlots], xx[kSlots], xy[kSlots], level[kSlots], wall[kSlots], linear[kSlots];

  HX_HD void clear(std::uint32_t i) {
    label[i] = area_yy[i] = x_y[i] = xx[i] = xy[i] = level[i] = wall[i] = linear[i] = 0;
  }
  /// False where there is no room.
  HX_HD bool add(const TileRun& r) {
    std::uint32_t i = r.label * 0x9e3779b1u >> 24;
    for (const std::uint32_t stop = (i + kSteps) % kSlots; i != stop; i = (i + 1) % kSlots) {
      std::uint32_t holds = atomic_read(&label[i]);
      if (holds == 0) holds = atomic_exchange_if(&label[i], 0u, r.label);
      if (holds != 0 && holds != r.label) continue;
      atomic_add(&area_yy[i], r.area | r.yy << 12);
      atomic_add(&x_y[i], r.x | r.y << 16);
      atomic_add(&xx[i], r.xx);
      atomic_add(&xy[i], r.xy);
      atomic_add(&level[i], r.level);
      if (r.wall != 0) atomic_add(&wall[i], r.wall);
      atomic_add(&linear[i], r.linear);
      return true;
    }
    return false;
  }
  HX_HD TileRun run(std::uint32_t i) const {
    return {label[i], area_yy[i] & 0xfff, x_y[i] & 0xffff, x_y[i] >> 16, xx[i], area_yy[i] >> 12,
            xy[i],    level[i],           wall[i],         linear[i]};
  }
};
static_assert(kGraphTileWidth == 64 && kGraphTileHeight == 32 && TileRegions::kSlots == 1u << 8);

/// Contacts of a pair of labels within a tile: 2^12 at most, so that sums over both pixels of each are below 2^29.
struct TileBorder {
  std::uint64_t key;
  std::uint32_t length, level, wall;
};

struct TileContacts {
  static constexpr std::uint32_t kSlots = 512, kSteps = 16;
  std::uint64_t key[kSlots];
  std::uint32_t length[kSlots], level[kSlots], wall[kSlots];

  HX_HD void clear(std::uint32_t i) {
    key[i] = 0;
    length[i] = level[i] = wall[i] = 0;
  }
  HX_HD bool add(const TileBorder& b) {
    std::uint32_t i = contact_hash(b.key) >> 23;
    for (const std::uint32_t stop = (i + kSteps) % kSlots; i != stop; i = (i + 1) % kSlots) {
      std::uint64_t holds = atomic_read(&key[i]);
      if (holds == 0) holds = atomic_exchange_if(&key[i], std::uint64_t{0}, b.key);
      if (holds != 0 && holds != b.key) continue;
      atomic_add(&length[i], b.length);
      atomic_add(&level[i], b.level);
      if (b.wall != 0) atomic_add(&wall[i], b.wall);
      return true;
    }
    return false;
  }
  HX_HD TileBorder border(std::uint32_t i) const { return {key[i], length[i], level[i], wall[i]}; }
};
static_assert(TileContacts::kSlots == 1u << 9);

}  // namespace hexaplex::detail
