#pragma once

#include <cstdint>

#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/wide_access.h"
#include "kernels/segment/local_threshold_pixel.h"

namespace hexaplex::detail {

/// Extremes of a piece of an image.
struct Extremes {
  std::uint32_t low = 65535, high = 0;

  HX_HD void add(std::uint32_t value) { add(value, value); }
  HX_HD void add(std::uint32_t l, std::uint32_t h) {
    low = l < low ? l : low;
    high = h > high ? h : high;
  }
  /// Both in a word, and from it.
  HX_HD std::uint32_t packed() const { return two_halves(low, high); }
  HX_HD void add_packed(std::uint32_t word) { add(low_half(word), high_half(word)); }
};

/// Extremes of the cells, for strides of 2^kBits: an image is read once, sixteen bytes a thread and row. A block has
/// 256 columns: eight rows of small cells, one of large ones, whose parts meet in shared memory.
template <int kBits>
struct CellExtremes {
  static constexpr int kThreads = 256;
  static constexpr int kStride = 1 << kBits;
  static constexpr bool kSmall = kStride <= 8;
  static constexpr int kRuns = 32, kGroups = kThreads / kRuns;
  static constexpr int kWidth = 8 * kRuns;
  static constexpr int kRows = kSmall ? kStride : kStride / kGroups;  ///< of a thread
  static constexpr int kRunCells = kSmall ? 8 / kStride : 1;          ///< that a run has, or has a part of
  struct Shared {
    std::uint32_t parts[kGroups][kRuns];
  };

  Plane<const std::uint16_t> src;
  Plane<std::uint32_t> cells;  ///< lows in the low half
  BlockTiles tiles;

  static BlockTiles tiles_over(Extent image) {
    return BlockTiles::over(image.width, image.height, kWidth, kGroups * kRows);
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      const int x = left + t % kRuns * 8, y = top + t / kRuns * kRows;
      if (x >= src.width() || (kSmall && y >= src.height())) {
        s.parts[t / kRuns][t % kRuns] = Extremes{}.packed();
        return;
      }
      Extremes of[kRunCells];
      read(x, y, of);
      if (!kSmall) s.parts[t / kRuns][t % kRuns] = of[0].packed();
      if (kSmall)
        unrolled<kRunCells>([&](int i) {
          const int cell = x / kStride + i;
          if (cell < cells.width()) cells(cell, y / kStride) = of[i].packed();
        });
    });
    if constexpr (!kSmall) {
      block.each_thread([&](int t) {
        if (t >= kRuns) return;
        Extremes of;
        for (int i = 0; i < kGroups; ++i) of.add_packed(s.parts[i][t]);
        s.parts[0][t] = of.packed();
      });
      block.each_thread([&](int t) {
        const int cell = left / kStride + t;
        if (t >= kWidth / kStride || cell >= cells.width()) return;
        Extremes of;
        for (int i = 0; i < kStride / 8; ++i) of.add_packed(s.parts[0][t * (kStride / 8) + i]);
        cells(cell, top / kStride) = of.packed();
      });
    }
  }

 private:
  /// A run of eight columns and kRows rows. Beyond the last row and column these are repeated: they belong to the last
  /// cells, and leave extremes as they are.
  HX_HD void read(int x, int y, Extremes (&of)[kRunCells]) const {
    const int count = src.width() - x, last = src.height() - 1;
    std::uint16_t rows[kRows][8] = {};
    unrolled<kRows>([&](int r) { load_run(src.row(y + r < last ? y + r : last) + x, count, rows[r]); });
    if (count < 8)
      unrolled<kRows>([&](int r) {
        unrolled<7>([&](int i) {
          if (i + 1 >= count) rows[r][i + 1] = rows[r][i];
        });
      });
    unrolled<kRows>([&](int r) { unrolled<8>([&](int i) { of[i * kRunCells / 8].add(rows[r][i]); }); });
  }
};

/// Extremes over the cells around each, mixed. A thread has four neighbouring windows, which share most of their cells.
struct WindowExtremes {
  static constexpr int kThreads = 256;
  static constexpr int kSide = 32;  ///< of a tile, cells
  static constexpr int kMostRadius = 8;
  static constexpr int kRead = kSide + 2 * kMostRadius;
  struct Shared {
    std::uint32_t cells[kRead][kRead + 1];  ///< columns of either lie in all banks
    std::uint32_t rows[kRead][kSide + 1];
  };

  Plane<const std::uint32_t> cells;
  int radius;
  std::uint32_t share;
  Plane<std::uint16_t> out;
  BlockTiles tiles;

  static BlockTiles tiles_over(Extent grid) { return BlockTiles::over(grid.width, grid.height, kSide, kSide); }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index), read = kSide + 2 * radius;
    block.each_thread([&](int t) {
      for (int i = t; i < kRead * kRead; i += kThreads) {
        const int x = i % kRead, y = i / kRead;
        if (x < read && y < read)  // the edge repeated leaves extremes as they are
          s.cells[y][x] =
              cells(nearest_inside(left - radius + x, cells.width()), nearest_inside(top - radius + y, cells.height()));
      }
    });
    block.each_thread([&](int t) {
      for (int i = t; i < kRead * (kSide / 4); i += kThreads) {
        const int y = i % kRead, x = i / kRead * 4;
        if (y >= read) continue;
        Extremes of[4];
        four_windows([&](int k) { return s.cells[y][x + k]; }, of);
        unrolled<4>([&](int k) { s.rows[y][x + k] = of[k].packed(); });
      }
    });
    block.each_thread([&](int t) {
      const int x = t % kSide, y = t / kSide * 4;
      Extremes of[4];
      four_windows([&](int k) { return s.rows[y + k][x]; }, of);
      if (left + x >= out.width()) return;
      unrolled<4>([&](int k) {
        if (top + y + k < out.height())
          out(left + x, top + y + k) =
              mixed_level(static_cast<std::uint16_t>(of[k].low), static_cast<std::uint16_t>(of[k].high), share);
      });
    });
  }

 private:
  /// Over values i .. i + 2 * radius, for i = 0 .. 3.
  template <class Get>
  HX_HD void four_windows(const Get& get, Extremes (&of)[4]) const {
    Extremes all;
    for (int k = 3; k <= 2 * radius; ++k) all.add_packed(get(k));
    unrolled<4>([&](int i) { of[i] = all; });
    unrolled<3>([&](int k) {
      const std::uint32_t before = get(k), after = get(2 * radius + 1 + k);
      unrolled<4>([&](int i) {
        if (i <= k) of[i].add_packed(before);
        if (i > k) of[i].add_packed(after);
      });
    });
  }
};
static_assert(WindowExtremes::kThreads == WindowExtremes::kSide * WindowExtremes::kSide / 4);

}  // namespace hexaplex::detail
