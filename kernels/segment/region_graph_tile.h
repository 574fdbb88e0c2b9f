#pragma once

#include "kernels/runtime/for_each_block.h"
#include "kernels/segment/region_graph_tables.h"

namespace hexaplex::detail {

// Sums and contacts of one tile of an image, gathered in shared memory before they go to the tables of all: a tile
// holds some fifty fragments of nuclei, so that it brings a thousand atomics to global memory, and not ten for every
// pixel. Threads walk down a few pixels of a column each and add up runs of one label in registers.

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
