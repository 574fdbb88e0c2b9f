#pragma once

#include "kernels/runtime/error.h"
#include "kernels/runtime/wide_access.h"
#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/components_chain.h"

namespace hexaplex::detail {

// Small components of a mask. Most lie within a tile and are decided there. Of one that reaches into another tile the
// tile hands on where it meets the border, and, if it could still be too small, its runs.

using SpeckForest = RunForest<4, 64, true>;

/// The places along the inside of a tile's border: the first row, the last row, the first column, the last column.
/// Each is a node of the union-find between tiles; a component's nodes of one tile hang under the least.
struct TileRim {
  static constexpr int kWidth = SpeckForest::kWidth, kHeight = SpeckForest::kHeight;
  static constexpr int kBottom = kWidth, kLeft = 2 * kWidth, kRight = kLeft + kHeight;
  static constexpr int kPlaces = 2 * (kWidth + kHeight);

  HX_HD static int x(int place) { return place < kLeft ? place % kWidth : place < kRight ? 0 : kWidth - 1; }
  HX_HD static int y(int place) {
    return place < kBottom ? 0 : place < kLeft ? kHeight - 1 : (place - kLeft) % kHeight;
  }
};

/// What tiles hand on.
struct OpenSpecks {
  /// A run of a component that may be too small, in a tile: word, begin, last pixel, place in the rim.
  static constexpr int kMostRuns = SpeckForest::kWords * SpeckForest::kNodesOfWord;
  HX_HD static std::uint32_t pack(int word, int begin, int end, std::uint32_t place) {
    return static_cast<std::uint32_t>(word) << 20 | static_cast<std::uint32_t>(begin) << 15 |
           static_cast<std::uint32_t>(end - 1) << 10 | place;
  }
  static_assert(SpeckForest::kWords <= 1 << 12 && TileRim::kPlaces <= 1 << 10);

  std::uint32_t* parent;  ///< by tile and place in its rim; kNoParent where the mask is not
  std::uint32_t* area;    ///< the same: at the least place of a component its pixels in the tile, 0 elsewhere
  std::uint32_t* count;   ///< of runs, by tile
  std::uint32_t* runs;    ///< by tile, kMostRuns each
};

/// 32 pixels of a row as bits, set where they equal `value`; none outside the image.
HX_HD inline std::uint32_t mask_word(const Plane<std::uint8_t>& mask, int x, int y, std::uint8_t value) {
  const int count = mask.width() - x;
  if (y >= mask.height() || count <= 0) return 0;
  const std::uint8_t* at = mask.row(y) + x;
  std::uint32_t bits = 0;
  struct alignas(16) Bytes {
    std::uint32_t fours[8];
  };
  if (count >= 32 && is_aligned_for<Bytes>(at)) {
    const auto bytes = read_wide<Bytes>(at);
    const std::uint32_t flip = value != 0 ? 0 : 0x01010101u;
    // The product brings the lowest bits of four bytes side by side.
    for (int k = 0; k < 8; ++k) bits |= ((bytes.fours[k] ^ flip) & 0x01010101u) * 0x10204080u >> 28 << 4 * k;
    return bits;
  }
  for (int k = 0; k < 32 && k < count; ++k) bits |= (at[k] == value ? 1u : 0u) << k;
  return bits;
}

struct FindSpecks {
  static constexpr int kThreads = SpeckForest::kWords;
  /// Of a node in the second half: that it is a root; its area lies above the place where it meets the rim.
  static constexpr std::uint32_t kRoot = 0x80000000u, kPlace = SpeckForest::kNames, kInside = SpeckForest::kNames;
  struct Shared {
    SpeckForest forest;
    std::uint32_t open;
  };

  Plane<std::uint8_t> mask;
  BlockTiles tiles;
  std::uint8_t value;
  std::uint32_t least;
  OpenSpecks out;

  HX_HD static std::uint32_t root_of(const std::uint32_t* tree, std::uint32_t node, std::uint32_t* root) {
    const std::uint32_t own = atomic_read(tree + node);
    *root = (own & kRoot) != 0 ? node : own;
    return (own & kRoot) != 0 ? own : atomic_read(tree + own);
  }

  /// Whether another tile lies beyond a place of the rim: the edge of the image is no border.
  HX_HD bool is_border(int left, int top, int place) const {
    if (place < TileRim::kBottom) return top > 0;
    if (place < TileRim::kLeft) return top + TileRim::kHeight < mask.height();
    return place < TileRim::kRight ? left > 0 : left + TileRim::kWidth < mask.width();
  }

  /// The node of the pixel at a place of the rim; kNoParent where the mask is not.
  HX_HD static std::uint32_t node_at(const SpeckForest& forest, int place) {
    const int x = TileRim::x(place), word = TileRim::y(place) * (TileRim::kWidth / 32) + x / 32;
    return (forest.belongs[word] >> x % 32 & 1) != 0 ? forest.run_at(word, x % 32) : kNoParent;
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    constexpr int kAcross = TileRim::kWidth / 32;
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    SpeckForest& forest = s.forest;
    block.each_thread([&](int t) {
      forest.belongs[t] = mask_word(mask, left + t % kAcross * 32, top + t / kAcross, value);
      if (t == 0) s.open = 0;
    });
    block.each_thread([&](int t) {
      forest.link_mask(t);
      forest.plant(t);
    });
    block.each_thread([&](int t) { forest.join(t); });
    block.each_thread([&](int t) { forest.count(t); });
    block.each_thread([&](int t) {
      forest.each_run(t, [&](std::uint32_t node, int, int) {
        const std::uint32_t own = forest.tree[node];
        if ((own & SpeckForest::kNames) == node) forest.tree[node] = kRoot | own | kInside;
      });
    });
    block.each_thread([&](int t) {
      for (int place = t; place < TileRim::kPlaces; place += kThreads) {
        const std::uint32_t node = node_at(forest, place);
        if (node == kNoParent || !is_border(left, top, place)) continue;
        std::uint32_t root;
        const std::uint32_t own = root_of(forest.tree, node, &root);
        atomic_min(forest.tree + root, (own & ~kPlace) | static_cast<std::uint32_t>(place));
      }
    });
    const std::int64_t rim = block.index * TileRim::kPlaces;
    block.each_thread([&](int t) {
      for (int place = t; place < TileRim::kPlaces; place += kThreads) {
        const std::uint32_t node = is_border(left, top, place) ? node_at(forest, place) : kNoParent;
        std::uint32_t parent = kNoParent, area = 0, root;
        if (node != kNoParent) {
          const std::uint32_t own = root_of(forest.tree, node, &root), first = own & kPlace;
          parent = static_cast<std::uint32_t>(rim) + first;
          if (static_cast<int>(first) == place) area = (own & ~kRoot) >> SpeckForest::kAreaShift;
        }
        out.parent[rim + place] = parent;
        out.area[rim + place] = area;
      }
      std::uint8_t* row = mask.row(top + t / kAcross) + left + t % kAcross * 32;
      forest.each_run(t, [&](std::uint32_t node, int begin, int end) {
        std::uint32_t root;
        const std::uint32_t own = root_of(forest.tree, node, &root), place = own & kPlace;
        if ((own & ~kRoot) >> SpeckForest::kAreaShift >= least) return;
        if (place == kInside) {
          for (int x = begin; x < end; ++x) row[x] = static_cast<std::uint8_t>(1 - value);
        } else {
          const std::int64_t at = atomic_add(&s.open, 1u);
          out.runs[block.index * OpenSpecks::kMostRuns + at] = OpenSpecks::pack(t, begin, end, place);
        }
      });
    });
    block.each_thread([&](int t) {
      if (t == 0) out.count[block.index] = s.open;
    });
  }
};

/// Joins each tile to the one above it and to the one on its left; an index is a place on a border.
struct JoinSpecks {
  static constexpr int kPlaces = TileRim::kWidth + TileRim::kHeight;
  BlockTiles tiles;
  std::uint32_t* parent;

  HX_HD bool at(std::uint32_t i) const { return atomic_read(parent + i) != kNoParent; }

  HX_HD void operator()(std::int64_t i) const {
    const auto tile = static_cast<std::uint32_t>(i / kPlaces), across = static_cast<std::uint32_t>(tiles.across);
    const int k = static_cast<int>(i % kPlaces);
    const bool upper = k < TileRim::kWidth;
    if (upper ? tile < across : tile % across == 0) return;
    const std::uint32_t own = tile * TileRim::kPlaces + (upper ? k : TileRim::kLeft + k - TileRim::kWidth);
    const std::uint32_t other = upper ? (tile - across) * TileRim::kPlaces + TileRim::kBottom + k
                                      : (tile - 1) * TileRim::kPlaces + TileRim::kRight + k - TileRim::kWidth;
    if (!at(own) || !at(other)) return;
    // Neighbours on both sides have joined the same two already.
    if (k != 0 && k != TileRim::kWidth && at(own - 1) && at(other - 1)) return;
    unite(parent, own, other);
  }
};

/// Adds the areas of a component's tiles. What is large enough need not grow: many tiles of a giant only look.
struct AddAreas {
  std::uint32_t* parent;
  std::uint32_t* area;
  std::uint32_t least;
  HX_HD void operator()(std::int64_t i) const {
    const std::uint32_t own = atomic_read(area + i);
    if (own == 0) return;
    const std::uint32_t root = find_root(parent, static_cast<std::uint32_t>(i));
    if (root != i && atomic_read(area + root) < least) atomic_add(area + root, own);
  }
};

struct FlipOpenSpecks {
  static constexpr int kThreads = 128;
  struct Shared {};
  Plane<std::uint8_t> mask;
  BlockTiles tiles;
  OpenSpecks open;
  std::uint32_t least;
  std::uint8_t flipped;

  HX_HD void operator()(const Block<kThreads>& block, Shared&) const {
    const std::uint32_t count = open.count[block.index];
    const std::uint32_t* runs = open.runs + block.index * OpenSpecks::kMostRuns;
    const auto rim = static_cast<std::uint32_t>(block.index * TileRim::kPlaces);
    block.each_thread([&](int t) {
      for (std::uint32_t i = t; i < count; i += kThreads) {
        const std::uint32_t run = runs[i];
        if (open.area[find_root(open.parent, rim + (run & 0x3ff))] >= least) continue;
        const int word = static_cast<int>(run >> 20), y = word / (TileRim::kWidth / 32);
        const int begin = run >> 15 & 31, last = run >> 10 & 31;
        std::uint8_t* row =
            mask.row(tiles.top(block.index) + y) + tiles.left(block.index) + word % (TileRim::kWidth / 32) * 32;
        for (int x = begin; x <= last; ++x) row[x] = flipped;
      }
    });
  }
};

/// Memory: 2.5 bytes a pixel, of which those for components across borders are touched.
template <class Q>
void drop_small_components_chain(const Q& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px) {
  const std::uint32_t least = least_area(smallest_px);
  if (least <= 1) return;
  const BlockTiles tiles = BlockTiles::over(mask.width(), mask.height(), TileRim::kWidth, TileRim::kHeight);
  const std::int64_t places = tiles.count() * TileRim::kPlaces;
  HX_EXPECT(mask.extent.area() < kNoParent && places < kNoParent,
            "a plane on the device must have fewer than 2^32 - 1 pixels");
  const auto count = static_cast<std::size_t>(tiles.count());
  const WorkBuffer<std::uint32_t, Q> parent(q, static_cast<std::size_t>(places)), area(q, parent.size());
  const WorkBuffer<std::uint32_t, Q> open_count(q, count), runs(q, count * OpenSpecks::kMostRuns);
  const OpenSpecks open{parent.data(), area.data(), open_count.data(), runs.data()};
  for_each_block(q, tiles.count(), FindSpecks{mask, tiles, value, least, open}, "finding small components");
  if (tiles.count() == 1) return;
  for_each_index(q, tiles.count() * JoinSpecks::kPlaces, JoinSpecks{tiles, parent.data()}, "joining components");
  for_each_index(q, places, AddAreas{parent.data(), area.data(), least}, "adding areas of components");
  for_each_block(q, tiles.count(), FlipOpenSpecks{mask, tiles, open, least, static_cast<std::uint8_t>(1 - value)},
                 "dropping small components");
}

}  // namespace hexaplex::detail
