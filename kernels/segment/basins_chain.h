#pragma once

#include "kernels/runtime/scan.h"
#include "kernels/runtime/wide_access.h"
#include "kernels/segment/basin_tile.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/components_chain.h"
#include "kernels/segment/raster_words.h"
#include "kernels/segment/tile_names.h"

namespace hexaplex::detail {

// Basins of climbing pointers. In a tile every pixel finds where its path ends, at a root or where it leaves the tile,
// in rounds that double how far it sees. The exits of all tiles are few: linked to each other, they are followed in
// device memory. Then the roots are numbered and the pixels named.

struct BasinTables {
  RasterWords raster;
  std::uint32_t* roots;  ///< by word
  std::uint32_t* count;  ///< of roots, by word
  std::uint16_t* end;    ///< by pixel: the place in its tile where its path ends; TileNames::kNone outside the mask
  std::uint32_t* link;   ///< by tile and door: the door that the path goes on to, itself for the last
  std::uint32_t*
      goal;  ///< the same: the pixel beyond the door, kNoParent where no path leaves; then a last door's root
};

struct FindBasinEnds {
  static constexpr int kThreads = BasinTile::kThreads, kRun = BasinTile::kRun;
  static constexpr int kRounds = 12;  ///< 2^12 steps: no path in a tile is longer
  struct Shared {
    alignas(4) std::uint16_t to[BasinTile::kPlaces];
    std::uint16_t roots[kThreads];
    std::uint32_t moved[kRounds];
  };
  struct alignas(4) Run {
    std::uint16_t to[kRun];
  };

  Plane<const std::uint8_t> pointers;
  BlockTiles tiles;
  BasinTables out;

  struct alignas(16) Bytes {
    std::uint8_t at[kRun];
  };
  HX_HD Bytes read(int x, int y) const {
    Bytes bytes;
    const int count = y < pointers.height() ? pointers.width() - x : 0;
    const std::uint8_t* at = pointers.row(y) + x;
    if (count >= kRun && is_aligned_for<Bytes>(at)) return read_wide<Bytes>(at);
    for (int k = 0; k < kRun; ++k) bytes.at[k] = k < count ? at[k] : kClimbOutside;
    return bytes;
  }

  /// Writes a thread's run for the others to see.
  HX_HD static void show(Shared& s, int t, const Run& run) { write_wide(s.to + t * BasinTile::kStride, run); }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    PerThread<Run, kThreads> own;
    PerThread<std::uint32_t, kThreads> open, outside;  // pixels whose path may go on; those without one
    block.each_thread([&](int t) {
      const int x = t % BasinTile::kRunsOfRow * kRun, y = t / BasinTile::kRunsOfRow;
      const Bytes bytes = read(left + x, top + y);
      std::uint32_t roots = 0, none = 0, going = 0;
      Run run;
      for (int k = 0; k < kRun; ++k) {
        const int to = bytes.at[k], up = to / 3, nx = x + k + to - up * 3 - 1, ny = y + up - 1;
        const bool inside =
            static_cast<unsigned>(nx) < BasinTile::kSide && static_cast<unsigned>(ny) < BasinTile::kSide;
        const bool goes = to != kClimbRoot && to != kClimbOutside && inside;
        run.to[k] = static_cast<std::uint16_t>(goes ? BasinTile::place(nx, ny) : t * BasinTile::kStride + k);
        roots |= (to == kClimbRoot ? 1u : 0u) << k;
        none |= (to == kClimbOutside ? 1u : 0u) << k;
        going |= (goes ? 1u : 0u) << k;
      }
      own[t] = run;
      open[t] = going;
      outside[t] = none;
      show(s, t, run);
      s.roots[t] = static_cast<std::uint16_t>(roots);
      if (t < kRounds) s.moved[t] = 0;
    });
    for (int round = 0; round < kRounds; ++round) {
      block.each_thread([&](int t) {
        if (open[t] == 0) return;
        std::uint32_t going = 0;
        for (int k = 0; k < kRun; ++k) {
          if ((open[t] >> k & 1) == 0) continue;
          const std::uint16_t next = s.to[own[t].to[k]];
          going |= (next != own[t].to[k] ? 1u : 0u) << k;  // a path's end leads to itself
          own[t].to[k] = next;
        }
        open[t] = going;
        if (going != 0) atomic_max(&s.moved[round], 1u);
      });
      if (s.moved[round] == 0) break;
      block.each_thread([&](int t) {
        if (open[t] != 0) show(s, t, own[t]);
      });
    }
    block.each_thread([&](int t) {
      const int x = left + t % BasinTile::kRunsOfRow * kRun, y = top + t / BasinTile::kRunsOfRow;
      if (out.raster.has_word(x & ~31, y)) {
        struct alignas(16) Ends {
          std::uint16_t at[kRun];
        } ends;
        for (int k = 0; k < kRun; ++k) ends.at[k] = (outside[t] >> k & 1) != 0 ? TileNames::kNone : own[t].to[k];
        write_wide(out.end + out.raster.name(x, y), ends);
        if (t % 2 == 0) {
          const std::uint32_t word = out.raster.name(x, y) / 32;
          const std::uint32_t roots = s.roots[t] | static_cast<std::uint32_t>(s.roots[t + 1]) << 16;
          out.roots[word] = roots;
          out.count[word] = static_cast<std::uint32_t>(count_bits(roots));
        }
      }
      const int door_x = BasinTile::door_x(t), door_y = BasinTile::door_y(t);
      std::uint32_t goal = kNoParent;
      if (left + door_x < pointers.width() && top + door_y < pointers.height()) {
        const int to = pointers(left + door_x, top + door_y), nx = door_x + to % 3 - 1, ny = door_y + to / 3 - 1;
        const bool inside =
            static_cast<unsigned>(nx) < BasinTile::kSide && static_cast<unsigned>(ny) < BasinTile::kSide;
        if (to != kClimbRoot && to != kClimbOutside && !inside) goal = out.raster.name(left + nx, top + ny);
      }
      out.goal[block.index * BasinTile::kDoors + t] = goal;
    });
  }
};

/// Links a door to the one its path goes on to; an index is a door.
struct LinkDoors {
  BlockTiles tiles;
  BasinTables of;

  HX_HD void operator()(std::int64_t i) const {
    const std::uint32_t beyond = of.goal[i];
    if (beyond == kNoParent) return;
    const int x = of.raster.x(beyond), y = of.raster.y(beyond), end = of.end[beyond];
    const int tile_x = x / BasinTile::kSide, tile_y = y / BasinTile::kSide;
    const int ex = BasinTile::x(end), ey = BasinTile::y(end);
    const std::uint32_t name = of.raster.name(tile_x * BasinTile::kSide + ex, tile_y * BasinTile::kSide + ey);
    if ((of.roots[name / 32] >> name % 32 & 1) != 0) {
      of.link[i] = static_cast<std::uint32_t>(i);
      of.goal[i] = name;
    } else {
      const auto tile = static_cast<std::uint32_t>(tile_y * tiles.across + tile_x);
      of.link[i] = tile * BasinTile::kDoors + static_cast<std::uint32_t>(BasinTile::door(ex, ey));
    }
  }
};

/// Brings every door to its last one. A door alone writes its own link, further on each time it looks: doors before it
/// see twice as far in every step, and none that is at its end is ever put back. (Doors that shortened each other's
/// paths did that: one that came late with what it had read put a finished door back under one that was not the last.)
struct FollowDoors {
  BasinTables of;
  HX_HD void operator()(std::int64_t i) const {
    if (of.goal[i] == kNoParent) return;
    std::uint32_t next = atomic_read(of.link + i);
    for (;;) {
      const std::uint32_t after = atomic_read(of.link + next);
      if (after == next) return;
      next = after;
      atomic_write(of.link + i, next);
    }
  }
};

struct NameBasins {
  static constexpr int kThreads = BasinTile::kThreads;
  struct Shared {
    std::uint32_t label[BasinTile::kPlaces];
  };
  Plane<std::uint32_t> labels;
  BlockTiles tiles;
  BasinTables of;
  NumberedPixels roots;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      const int x = left + t % 2 * 32, y = top + t / 2;
      if (t < 2 * BasinTile::kSide && of.raster.has_word(x, y)) {
        const std::uint32_t first = of.raster.name(x, y);
        for (std::uint32_t rest = roots.chosen[first / 32]; rest != 0; rest &= rest - 1) {
          const int bit = lowest_bit(rest);
          s.label[BasinTile::place(t % 2 * 32 + bit, t / 2)] = roots.number(first + static_cast<std::uint32_t>(bit));
        }
      }
      const std::int64_t door = block.index * BasinTile::kDoors + t;
      if (of.goal[door] == kNoParent) return;
      const int door_x = BasinTile::door_x(t), door_y = BasinTile::door_y(t);
      if (BasinTile::door(door_x, door_y) != t) return;  // a corner is written once
      s.label[BasinTile::place(door_x, door_y)] = roots.number(of.goal[of.link[door]]);
    });
    block.each_thread(
        [&](int t) { TileNames::write<kThreads, true>(labels, of.raster, of.end, s.label, left, top, t); });
  }
};

/// The basins' roots, for the host; an index is a word.
struct ListRoots {
  RasterWords raster;
  NumberedPixels roots;
  std::int64_t* list;
  HX_HD void operator()(std::int64_t word) const {
    std::uint32_t number = roots.before[word];
    for (std::uint32_t rest = roots.chosen[word]; rest != 0; rest &= rest - 1) {
      const std::uint32_t name = static_cast<std::uint32_t>(word) * 32 + static_cast<std::uint32_t>(lowest_bit(rest));
      list[number++] = static_cast<std::int64_t>(raster.y(name)) * raster.image.width + raster.x(name);
    }
  }
};

template <class Q>
struct Basins {
  RasterWords raster;
  WorkBuffer<std::uint32_t, Q> roots, before, count;
};

/// Memory: 3 bytes a pixel.
template <class Q>
Basins<Q> name_basins(const Q& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels) {
  const RasterWords raster = RasterWords::of(pointers.extent);
  const auto words = static_cast<std::size_t>(raster.words());
  Basins<Q> out{raster, {q, words}, {q, words}, {q, 1}};
  const BlockTiles tiles = BlockTiles::over(pointers.width(), pointers.height(), BasinTile::kSide, BasinTile::kSide);
  const std::int64_t doors = tiles.count() * BasinTile::kDoors;
  const WorkBuffer<std::uint16_t, Q> end(q, raster.pixels());
  const WorkBuffer<std::uint32_t, Q> link(q, static_cast<std::size_t>(doors)), goal(q, link.size());
  const BasinTables tables{raster, out.roots.data(), out.before.data(), end.data(), link.data(), goal.data()};
  for_each_block(q, tiles.count(), FindBasinEnds{pointers, tiles, tables}, "following paths");
  for_each_index(q, doors, LinkDoors{tiles, tables}, "linking tiles");
  for_each_index(q, doors, FollowDoors{tables}, "following paths over tiles");
  exclusive_scan(q, out.before.data(), raster.words(), out.count.data());
  for_each_block(q, tiles.count(), NameBasins{labels, tiles, tables, {out.roots.data(), out.before.data()}},
                 "naming basins");
  return out;
}

template <class Q>
std::uint32_t number_basins_chain(const Q& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels) {
  return fetch(q, name_basins(q, pointers, labels).count.data());
}

template <class Q>
HostVector<std::int64_t> label_basins_chain(const Q& q, Plane<const std::uint8_t> pointers,
                                            Plane<std::uint32_t> labels) {
  const Basins<Q> basins = name_basins(q, pointers, labels);
  HostVector<std::int64_t> roots(fetch(q, basins.count.data()));
  const WorkBuffer<std::int64_t, Q> list(q, roots.size());
  for_each_index(q, basins.raster.words(),
                 ListRoots{basins.raster, {basins.roots.data(), basins.before.data()}, list.data()}, "listing roots");
  fetch(q, list.data(), roots.data(), roots.size());
  return roots;
}

}  // namespace hexaplex::detail
