#pragma once

#include <optional>

#include "kernels/runtime/scan.h"
#include "kernels/segment/components_chain.h"
#include "kernels/segment/raster_words.h"
#include "kernels/segment/tile_names.h"

namespace hexaplex::detail {

// The largest part of each label. A tile finds its parts and leaves each at its first pixel: area, parent, and a bit;
// whatever comes after looks at these few, until the pixels are named.

using PartForest = RunForest<2, 64, false>;

struct PartTables {
  RasterWords raster;
  std::uint32_t* roots;   ///< by word: first pixels of a tile's parts
  std::uint16_t* node;    ///< by pixel: of its part's root in the forest of its tile; TileNames::kNone for background
  std::uint32_t* parent;  ///< by first pixel
  std::uint32_t* area;    ///< the same

  /// The first pixel of the part that a pixel's tile knows it by.
  HX_HD std::uint32_t root(int x, int y) const {
    const int n = node[raster.name(x, y)], word = n / PartForest::kStride;
    return raster.name(x / PartForest::kWidth * PartForest::kWidth + word % 2 * 32 + n % PartForest::kStride,
                       y / PartForest::kHeight * PartForest::kHeight + word / 2);
  }

  /// Calls f(first pixel) for every part of a word.
  template <class F>
  HX_HD void each(std::int64_t word, F f) const {
    for (std::uint32_t rest = roots[word]; rest != 0; rest &= rest - 1)
      f(static_cast<std::uint32_t>(word) * 32 + static_cast<std::uint32_t>(lowest_bit(rest)));
  }
};

struct FindParts {
  static constexpr int kThreads = PartForest::kWords;
  struct Shared {
    PartForest forest;
    std::uint32_t highest;
  };

  Plane<const std::uint32_t> labels;
  BlockTiles tiles;
  PartTables parts;
  std::uint32_t* highest;  ///< of all labels; null: not wanted

  HX_HD std::uint32_t label_at(int x, int y) const {
    return x < labels.width() && y < labels.height() ? labels(x, y) : 0;
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    PartForest& forest = s.forest;
    // A warp walks down half a column of words, and reads ahead.
    constexpr int kRows = PartForest::kHeight / 2;
    PerThread<std::uint32_t, kThreads> above, own, most;
    block.each_thread([&](int t) {
      const int x = left + t % 64, y = top + t / 64 * kRows;
      own[t] = label_at(x, y);
      above[t] = y > top ? label_at(x, y - 1) : 0;
      most[t] = own[t];
      if (t == 0) s.highest = 0;
    });
    block.template each_vote<3>(
        kRows,
        [&](int t, int round) {
          const int x = left + t % 64, y = top + t / 64 * kRows + round;
          const std::uint32_t label = own[t], upper = above[t];
          const std::uint32_t before = t % 64 > 0 ? label_at(x - 1, y) : 0;
          above[t] = label;
          own[t] = round + 1 < kRows ? label_at(x, y + 1) : 0;
          most[t] = own[t] > most[t] ? own[t] : most[t];
          return label == 0 ? 0u : 1u | (label == before ? 2u : 0u) | (label == upper ? 4u : 0u);
        },
        [&](int warp, int round, const std::uint32_t(&words)[3]) {
          const int word = (warp / 2 * kRows + round) * 2 + warp % 2;
          forest.belongs[word] = words[0];
          forest.left[word] = words[1];
          forest.above[word] = words[2];
        });
    block.each_thread([&](int t) {
      forest.plant(t);
      if (highest != nullptr) atomic_max(&s.highest, most[t]);
    });
    block.each_thread([&](int t) { forest.join(t); });
    block.each_thread([&](int t) { forest.count(t); });
    block.each_thread([&](int t) {
      const int x = left + t % 2 * 32, y = top + t / 2;
      std::uint32_t roots = 0;
      forest.each_run(t, [&](std::uint32_t node, int begin, int) {
        const std::uint32_t own_tree = forest.tree[node];
        if ((own_tree & PartForest::kNames) != node) return;
        const std::uint32_t name = parts.raster.name(x + begin, y);
        roots |= 1u << begin;
        parts.parent[name] = name;
        parts.area[name] = own_tree >> PartForest::kAreaShift;
      });
      if (parts.raster.has_word(x, y)) parts.roots[parts.raster.name(x, y) / 32] = roots;
      for (int i = t; i < PartForest::kWords * 32; i += kThreads) {
        const int word = i / 32, bit = i % 32, px = left + i % 64, py = top + i / 64;
        if (!parts.raster.has_word(px - bit, py)) continue;
        const bool belongs = (forest.belongs[word] >> bit & 1) != 0;
        const std::uint32_t root = belongs ? forest.tree[forest.run_at(word, bit)] & PartForest::kNames : 0;
        parts.node[parts.raster.name(px, py)] = belongs ? static_cast<std::uint16_t>(root) : TileNames::kNone;
      }
      if (t == 0 && highest != nullptr) atomic_max(highest, s.highest);
    });
  }
};

/// Joins each tile to the one above it and to the one on its left; an index is a place on a border.
struct JoinParts {
  static constexpr int kPlaces = PartForest::kWidth + PartForest::kHeight;
  Plane<const std::uint32_t> labels;
  BlockTiles tiles;
  PartTables parts;

  HX_HD void operator()(std::int64_t i) const {
    const std::int64_t tile = i / kPlaces;
    const int k = static_cast<int>(i % kPlaces), upper = k < PartForest::kWidth ? 1 : 0, left = 1 - upper;
    const int x = tiles.left(tile) + (upper != 0 ? k : 0);
    const int y = tiles.top(tile) + (upper != 0 ? 0 : k - PartForest::kWidth);
    if (x >= labels.width() || y >= labels.height() || x < left || y < upper) return;
    const std::uint32_t label = labels(x, y);
    if (label == 0 || labels(x - left, y - upper) != label) return;
    // Neighbours on both sides have joined the same two already.
    if (k % PartForest::kWidth != 0 && labels(x - upper, y - left) == label && labels(x - 1, y - 1) == label) return;
    unite(parts.parent, parts.root(x, y), parts.root(x - left, y - upper));
  }
  static_assert(PartForest::kWidth == PartForest::kHeight);
};

/// Adds the areas of a part's tiles.
struct AddPartAreas {
  PartTables parts;
  HX_HD void operator()(std::int64_t word) const {
    parts.each(word, [&](std::uint32_t name) {
      const std::uint32_t root = find_root(parts.parent, name);
      if (root != name) atomic_add(parts.area + root, parts.area[name]);
    });
  }
};

/// Sorts parts of a label: the larger first, of equals the one that comes first.
HX_HD inline std::uint64_t part_key(std::uint32_t area, std::uint32_t root) {
  return static_cast<std::uint64_t>(area) << 32 | (0xffffffffu - root);
}

struct FindLargestPart {
  Plane<const std::uint32_t> labels;
  PartTables parts;
  std::uint64_t* largest;  ///< by label
  HX_HD void operator()(std::int64_t word) const {
    parts.each(word, [&](std::uint32_t name) {
      if (parts.parent[name] != name) return;
      atomic_max(largest + labels(parts.raster.x(name), parts.raster.y(name)), part_key(parts.area[name], name));
    });
  }
};

struct ChooseParts {
  Plane<const std::uint32_t> labels;
  PartTables parts;
  const std::uint64_t* largest;
  std::uint32_t least;
  std::uint32_t* kept;   ///< by word: first pixels of parts that stay
  std::uint32_t* count;  ///< of these
  HX_HD void operator()(std::int64_t word) const {
    std::uint32_t stay = 0;
    parts.each(word, [&](std::uint32_t name) {
      if (parts.parent[name] != name || parts.area[name] < least) return;
      const std::uint32_t label = labels(parts.raster.x(name), parts.raster.y(name));
      if (largest[label] == part_key(parts.area[name], name)) stay |= 1u << name % 32;
    });
    kept[word] = stay;
    count[word] = static_cast<std::uint32_t>(count_bits(stay));
  }
};

struct NumberParts {
  static constexpr int kThreads = 256;
  struct Shared {
    std::uint32_t number[PartForest::kNodes];
  };
  Plane<std::uint32_t> labels;
  BlockTiles tiles;
  PartTables parts;
  NumberedPixels kept;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      const int x = left + t % 2 * 32, y = top + t / 2;
      if (t >= PartForest::kWords || !parts.raster.has_word(x, y)) return;
      parts.each(parts.raster.name(x, y) / 32, [&](std::uint32_t name) {
        s.number[PartForest::node(t, static_cast<int>(name % 32))] = kept.number(find_root(parts.parent, name));
      });
    });
    block.each_thread(
        [&](int t) { TileNames::write<kThreads, false>(labels, parts.raster, parts.node, s.number, left, top, t); });
  }
};

/// Memory: 11 bytes a pixel, of which 2 are touched everywhere and the others where parts begin; 8 bytes a label.
/// @param highest  no label is higher; unknown: it is found, and waited for
template <class Q>
std::uint32_t keep_largest_parts_chain(const Q& q, Plane<std::uint32_t> labels, double smallest_px,
                                       std::optional<std::uint32_t> highest = std::nullopt) {
  using Words = WorkBuffer<std::uint32_t, Q>;
  const RasterWords raster = RasterWords::of(labels.extent);
  const BlockTiles tiles = BlockTiles::over(labels.width(), labels.height(), PartForest::kWidth, PartForest::kHeight);
  const std::int64_t words = raster.words();
  const Words roots(q, static_cast<std::size_t>(words)), kept(q, roots.size()), before(q, roots.size());
  const Words parent(q, raster.pixels()), area(q, raster.pixels()), numbers(q, 2);
  const WorkBuffer<std::uint16_t, Q> node(q, raster.pixels());
  const PartTables parts{raster, roots.data(), node.data(), parent.data(), area.data()};
  std::uint32_t *count = numbers.data(), *found = highest ? nullptr : numbers.data() + 1;
  fill_bytes(q, numbers.data(), 0, 2 * sizeof(std::uint32_t));
  for_each_block(q, tiles.count(), FindParts{labels, tiles, parts, found}, "finding parts");
  for_each_index(q, tiles.count() * JoinParts::kPlaces, JoinParts{labels, tiles, parts}, "joining parts");
  for_each_index(q, words, AddPartAreas{parts}, "adding areas of parts");
  const std::size_t names = static_cast<std::size_t>(highest ? *highest : fetch(q, found)) + 1;
  const WorkBuffer<std::uint64_t, Q> largest(q, names);
  fill_bytes(q, largest.data(), 0, names * sizeof(std::uint64_t));
  for_each_index(q, words, FindLargestPart{labels, parts, largest.data()}, "finding largest parts");
  for_each_index(q, words,
                 ChooseParts{labels, parts, largest.data(), least_area(smallest_px), kept.data(), before.data()},
                 "choosing parts");
  exclusive_scan(q, before.data(), words, count);
  for_each_block(q, tiles.count(), NumberParts{labels, tiles, parts, {kept.data(), before.data()}}, "numbering parts");
  return fetch(q, count);
}

}  // namespace hexaplex::detail
