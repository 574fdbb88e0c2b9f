#pragma once

#include "kernels/measure/label_runs.h"
#include "kernels/measure/ordered_float.h"
#include "kernels/measure/region_labels.h"

namespace hexaplex::detail {

/// The pixels of a tile, put in the order of the parts of regions that they count in: the first step of sums and
/// medians, whose threads then walk pixels of one part each and meet in device memory once for a part and tile.
///
/// A small table gives every part that occurs a place, an entry; a pixel's rank among those of its entry is a matter of
/// arrival, so what is made of the order must not depend on it. A tile with more parts than entries takes several
/// rounds.
struct RegionTile {
  static constexpr int kWidth = 64, kHeight = 32;  ///< pixels
  static constexpr int kPixels = kWidth * kHeight;
  static constexpr int kThreads = 256;
  static constexpr int kColumn = kPixels / kThreads;  ///< pixels of a thread, one below the other
  static constexpr int kEntries = kThreads;
  static constexpr int kTries = 32;  ///< entries looked at before a pixel waits for the next round
  static constexpr std::uint32_t kNowhere = 0xffffffffu;

  struct Shared {
    std::uint64_t keys[kEntries];   ///< label and part; 0: the entry is free
    std::uint32_t count[kEntries];  ///< pixels
    int corner_x, corner_y;         ///< of the tile in the core; here, so that no thread keeps what follows from them
    std::uint32_t left;             ///< not 0: pixels wait for the next round
    std::uint32_t seconds;          ///< not 0: some pixels count in two regions
  };

  /// What a thread knows of its pixels.
  struct Column {
    std::uint32_t place[kColumn];  ///< of this round: entry << 16 | rank; only for those that have one
    std::uint32_t placed;          ///< a bit for each: has a place in this round
    std::uint32_t done;            ///< .. or had one in an earlier round
  };

  RegionPixels pixels;
  BlockTiles tiles;

  template <class Q>
  static RegionTile of(const DeviceRegions<Q>& regions) {
    const Rect& core = regions.planes.core;
    return {pixels_of(regions), BlockTiles::over(core.width, core.height, kWidth, kHeight)};
  }

  /// First pixel of a thread, in the core.
  HX_HD static int x(const Shared& s, int t) { return s.corner_x + t % kWidth; }
  HX_HD static int y(const Shared& s, int t) { return s.corner_y + t / kWidth * kColumn; }
  /// Of pixel k of a thread, in the tile.
  HX_HD static int at(int t, int k) { return (t / kWidth * kColumn + k) * kWidth + t % kWidth; }

  /// Where an entry's pixels count in a table of [row][number of the part].
  HX_HD std::int64_t target(const Shared& s, int entry, OccurringParts parts) const {
    const auto label = static_cast<std::uint32_t>(s.keys[entry] >> 2);
    return pixels.row_of(label) * parts.count + (static_cast<int>(s.keys[entry] & 3u) >> parts.shift);
  }

  /// Goes through the tile round by round. In each, `entry(e)` is called by thread e for every entry that has pixels,
  /// and then `f()`, in which the block has phases of its own, for what follows from places.
  template <class Entry, class F>
  HX_HD void each_round(const Block<kThreads>& block, Shared& s, PerThread<Column, kThreads>& columns, Entry entry,
                        F f) const {
    bool seconds = false;
    for (int side = 0; side < 2; ++side) {
      block.each_thread([&](int t) { columns[t].done = 0; });
      for (bool left = true; left;) {
        block.each_thread([&](int t) {
          s.keys[t] = 0;
          s.count[t] = 0;
          if (t > 0) return;
          s.corner_x = tiles.left(block.index);
          s.corner_y = tiles.top(block.index);
          s.left = s.seconds = 0;
        });
        block.each_thread([&](int t) { enter(x(s, t), y(s, t), side, s, columns[t]); });
        left = s.left != 0;
        seconds = seconds || s.seconds != 0;
        block.each_thread([&](int t) {
          if (s.count[t] != 0) entry(t);
        });
        f();
      }
      if (!seconds) return;
    }
  }

 private:
  /// Where a pixel counts: at first in its inner label's region or else its outer label's, at second in the outer
  /// label's where both are and differ. Label 0: nowhere.
  struct Key {
    std::uint32_t label;
    unsigned part;
  };
  HX_HD static Key key(const RegionPixels::Labels& l, int side) {
    if (side == 1 && (l.inner == 0 || l.outer == l.inner)) return {0, 0};
    if (side == 0 && l.inner != 0) return {l.inner, kInnerPart | (l.near & 1u) * kBorderPart};
    return {l.outer, (l.near >> 1 & 1u) * kBorderPart};
  }

  HX_HD static std::uint32_t find(Shared& s, Key k) {
    const std::uint64_t key = static_cast<std::uint64_t>(k.label) << 2 | k.part;
    unsigned at = static_cast<std::uint32_t>(key) * 2654435769u >> 24;
#ifdef __CUDA_ARCH__
#pragma unroll 1
#endif
    for (int tries = 0; tries < kTries; ++tries, at = (at + 1) % kEntries) {
      const std::uint64_t seen = atomic_exchange_if(&s.keys[at], std::uint64_t{0}, key);
      if (seen == 0 || seen == key) return at << 16;
    }
    return kNowhere;
  }

  /// Pixels of one column and part enter together.
  HX_HD void enter(int x, int y, int side, Shared& s, Column& column) const {
    static_assert(kEntries == 256, "the hash has 8 bits");
    const auto pixel = pixels.column_at<kColumn>(x, y);
    std::uint32_t labels[kColumn];
    std::uint32_t parts = 0, seconds = 0, left = 0, stray = 0;  // two bits for each pixel, and flags
    unrolled<kColumn>([&](int k) {
      const Key own = key(pixel[k], side);
      labels[k] = (column.done >> k & 1u) == 0 && own.label <= pixels.highest ? own.label : 0;
      parts |= own.part << (2 * k);
      stray |= own.label > pixels.highest ? 1u : 0u;
      if (side == 0) seconds |= key(pixel[k], 1).label;
    });
    if (stray != 0) raise(pixels.stray, 1);
    const auto continues = [&](int k) {  // pixel k, what the one above it begins
      return labels[k] == labels[k - 1] && (parts >> (2 * k) & 3u) == (parts >> (2 * k - 2) & 3u);
    };
    column.placed = 0;
    unrolled<kColumn>([&](int k) {
      column.place[k] = 0;
      if (labels[k] == 0) return;
      std::uint32_t place = kNowhere;
      if (k == 0 || !continues(k))
        place = find(s, {labels[k], parts >> (2 * k) & 3u});
      else if ((column.placed >> (k - 1) & 1u) != 0)
        place = column.place[k - 1] + 1;
      if (place == kNowhere) {
        left = 1;
        return;
      }
      column.place[k] = place;
      column.placed |= 1u << k;
    });
    column.done |= column.placed;
    std::uint32_t before = 0;
    unrolled<kColumn>([&](int i) {
      const int k = kColumn - 1 - i;
      if ((column.placed >> k & 1u) == 0) return;
      if (k == kColumn - 1 || !continues(k + 1))
        before = atomic_add(&s.count[column.place[k] >> 16], (column.place[k] & 0xffffu) + 1);
      column.place[k] += before;
    });
    if (left != 0) atomic_add(&s.left, 1u);
    if (seconds != 0) atomic_add(&s.seconds, 1u);
  }
};

}  // namespace hexaplex::detail
