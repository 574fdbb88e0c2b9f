#pragma once

#include "kernels/runtime/for_each_block.h"
#include "kernels/segment/contact_table.h"

namespace hexaplex::detail {

// Sums and contacts of one tile of an image, gathered in shared memory before they go to the tables of all: a tile
// holds some fifty fragments of nuclei, so that it brings a few thousand atomics to global memory, and not its every
// pixel ten. Threads walk down a few pixels of a column each and add up runs of one label in registers.

inline constexpr int kGraphTileWidth = 64, kGraphTileHeight = 32;
inline constexpr int kGraphStrip = 8;  ///< rows that a thread walks
inline constexpr int kGraphThreads = kGraphTileWidth * (kGraphTileHeight / kGraphStrip);

/// What a tile sees of an image.
struct GraphPixels {
  Rect core;
  Plane<const std::uint32_t> labels;  ///< of the whole image
  RegionImages images;                ///< of a window from (x0, y0) on
  int x0, y0;
  std::uint32_t regions;  ///< highest label

  HX_HD bool has_wall() const { return images.wall.data != nullptr; }
};

/// What tiles tell the host.
struct GraphState {
  std::uint32_t stray;    ///< 1 where a label is too large
  std::uint32_t dropped;  ///< 1 where the table of contacts was too small
  std::uint32_t pairs;    ///< that were put into it
};

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

/// A thread's way down a column.
class GraphColumn {
 public:
  struct Pixel {
    std::uint32_t label, right;  ///< of the pixel, of its neighbour; 0 where there is none
    std::uint32_t level, wall, linear;
  };

  HX_HD GraphColumn(const GraphPixels& p, int x, int y)
      : p_(p),
        has_right_(x + 1 < p.labels.width()),
        labels_(p.labels.row(y) + x),
        level_(p.images.level.row(y - p.y0) + (x - p.x0)),
        wall_(p.has_wall() ? p.images.wall.row(y - p.y0) + (x - p.x0) : nullptr),
        linear_(p.images.linear.row(y - p.y0) + (x - p.x0)) {}

  HX_HD Pixel read() const {
    return {labels_[0], has_right_ ? labels_[1] : 0, level_[0], wall_ != nullptr ? wall_[0] : 0u, linear_[0]};
  }
  HX_HD void go_down() {
    labels_ += p_.labels.pitch;
    level_ += p_.images.level.pitch;
    linear_ += p_.images.linear.pitch;
    if (wall_ != nullptr) wall_ += p_.images.wall.pitch;
  }
  /// Values to the right of the pixel above this one.
  HX_HD std::uint32_t right_level_above() const { return level_[1 - p_.images.level.pitch]; }
  HX_HD std::uint32_t right_wall_above() const { return wall_ != nullptr ? wall_[1 - p_.images.wall.pitch] : 0u; }

 private:
  const GraphPixels& p_;
  bool has_right_;
  const std::uint32_t* labels_;
  const std::uint16_t *level_, *wall_, *linear_;
};

/// Adds the pixels of a tile to the sums of their labels, and their contacts with their right and lower neighbours.
struct GraphTile {
  static constexpr int kThreads = kGraphThreads;
  struct Shared {
    TileRegions regions;
    TileContacts contacts;
    std::uint32_t pairs;  ///< that no tile had before
  };
  BlockTiles tiles;  ///< of the core
  GraphPixels pixels;
  RegionSums* regions;  ///< null: contacts alone
  ContactSlots contacts;
  GraphState* state;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      for (std::uint32_t i = t; i < TileRegions::kSlots; i += kThreads) s.regions.clear(i);
      for (std::uint32_t i = t; i < TileContacts::kSlots; i += kThreads) s.contacts.clear(i);
      if (t == 0) s.pairs = 0;
    });
    block.each_thread([&](int t) { walk(s, left, top, t % kGraphTileWidth, t / kGraphTileWidth * kGraphStrip); });
    block.each_thread([&](int t) {
      for (std::uint32_t i = t; i < TileRegions::kSlots; i += kThreads)
        if (s.regions.label[i] != 0) leave(s.regions.run(i), left, top);
      for (std::uint32_t i = t; i < TileContacts::kSlots; i += kThreads)
        if (s.contacts.key[i] != 0) leave(s, s.contacts.border(i));
    });
    block.each_thread([&](int t) {
      if (t == 0 && s.pairs > 0) atomic_add(&state->pairs, s.pairs);
    });
  }

 private:
  HX_HD void walk(Shared& s, int left, int top, int column, int row) const {
    const int in_core_x = left + column, in_core_y = top + row;
    if (in_core_x >= pixels.core.width || in_core_y >= pixels.core.height) return;
    const int stop = row + kGraphStrip < pixels.core.height - top ? row + kGraphStrip : pixels.core.height - top;
    const int rows_below = pixels.labels.height() - pixels.core.y - top;  // from the tile's first row on
    GraphColumn column_at(pixels, pixels.core.x + in_core_x, pixels.core.y + in_core_y);
    GraphColumn::Pixel here = column_at.read();
    TileRun run{};
    TileBorder border{};
    for (int y = row; y < stop; ++y) {
      GraphColumn::Pixel below{};
      column_at.go_down();
      if (y + 1 < rows_below) below = column_at.read();
      if (here.label != run.label) {
        add(s, run, column, left, top);
        run = {};
        run.label = here.label;
      }
      run.area += 1;
      run.y += y;
      run.yy += y * y;
      run.level += here.level;
      run.wall += here.wall;
      run.linear += here.linear;
      if (here.label != 0) {
        if (here.right != 0 && here.right != here.label) {
          const std::uint64_t key = contact_key(here.label, here.right);
          if (key != border.key) {
            add(s, border);
            border = {key, 0, 0, 0};
          }
          border.length += 1;
          border.level += here.level + column_at.right_level_above();
          border.wall += here.wall + column_at.right_wall_above();
        }
        if (below.label != 0 && below.label != here.label)
          add(s, {contact_key(here.label, below.label), 1, here.level + below.level, here.wall + below.wall});
      }
      here = below;
    }
    add(s, run, column, left, top);
    add(s, border);
  }

  /// Adds a run down a column, of which all but what x makes is known.
  HX_HD void add(Shared& s, TileRun run, std::uint32_t x, int left, int top) const {
    if (run.label == 0 || regions == nullptr) return;
    if (run.label > pixels.regions) {
      atomic_max(&state->stray, std::uint32_t{1});
      return;
    }
    run.x = run.area * x;
    run.xx = run.x * x;
    run.xy = run.y * x;
    if (!s.regions.add(run)) leave(run, left, top);
  }
  HX_HD void add(Shared& s, const TileBorder& border) const {
    if (border.key != 0 && !s.contacts.add(border)) leave(s, border);
  }

  HX_HD void leave(const TileRun& run, int left, int top) const {
    add_to_region(run, pixels.core.x + left, pixels.core.y + top, regions[run.label]);
  }
  HX_HD void leave(Shared& s, const TileBorder& b) const {
    if (contacts.add(b.key, b.length, b.level, b.wall)) atomic_add(&s.pairs, std::uint32_t{1});
  }
};

}  // namespace hexaplex::detail
