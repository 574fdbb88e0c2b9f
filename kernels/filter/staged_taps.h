#pragma once

#include <cstdint>

#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/unrolled.h"
#include "kernels/runtime/wide_access.h"

namespace hexaplex::detail {

// Taps of filters of any radius, by way of shared memory. A thread folds eight neighbours at once, eight pairs of taps
// a step: fifteen values on either side serve sixty-four products.

/// Tiles of pixels and the rows above and below them, a few dozen taps at a time; a thread has eight pixels of a
/// column.
struct StagedColumns {
  static constexpr int kThreads = 256;
  static constexpr int kColumns = 64, kRows = 32;
  static constexpr int kTaps = 32;  ///< whose rows lie in shared memory
  static constexpr int kStaged = kRows + kTaps - 1;
  struct Shared {
    std::uint16_t before[kStaged][kColumns], after[kStaged][kColumns];
  };

  Plane<const std::uint16_t> src;
  BlockTiles tiles;

  explicit StagedColumns(const Plane<const std::uint16_t>& from)
      : src(from), tiles(BlockTiles::over(from.width(), from.height(), kColumns, kRows)) {}

  HX_HD int column(const Block<kThreads>& block, int t) const { return tiles.left(block.index) + t % kColumns; }
  HX_HD int first_row(const Block<kThreads>& block, int t) const { return tiles.top(block.index) + t / kColumns * 8; }
  /// An edge pixel beyond the edge.
  HX_HD std::uint32_t pixel(int x, int y) const {
    return src(nearest_inside(x, src.extent.width), nearest_inside(y, src.extent.height));
  }

  /// Calls add(thread, k, before, after) for k = 1, 9, 17 .. up to `radius`: before[7 + i - j] and after[i + j] are the
  /// pixels k + j above and below pixel i of the thread.
  template <class Add>
  HX_HD void each_step(const Block<kThreads>& block, Shared& s, int radius, const Add& add) const {
    const int top = tiles.top(block.index);
    for (int first = 1; first <= radius; first += kTaps) {
      block.each_thread([&](int t) {
        for (int i = t / kColumns; i < kStaged; i += kThreads / kColumns) {
          s.before[i][t % kColumns] = static_cast<std::uint16_t>(pixel(column(block, t), top - first - kTaps + 1 + i));
          s.after[i][t % kColumns] = static_cast<std::uint16_t>(pixel(column(block, t), top + first + i));
        }
      });
      block.each_thread([&](int t) {
        const int x = t % kColumns, y = t / kColumns * 8;
        for (int k = 0; k < kTaps && first + k <= radius; k += 8) {
          std::uint32_t before[15], after[15];
          unrolled<15>([&](int i) {
            before[i] = s.before[y - k + kTaps - 8 + i][x];
            after[i] = s.after[y + k + i][x];
          });
          add(t, first + k, before, after);
        }
      });
    }
  }
};

/// Rows of pixels with what lies up to kReach beside them; a thread has eight pixels of a row.
template <class T, int kReach>
struct StagedRows {
  static constexpr int kThreads = 256;
  static constexpr int kWidth = 512, kRows = 4;
  static constexpr int kRuns = kWidth / 8;
  static_assert(kReach % 8 == 0 && kRuns * kRows == kThreads);
  alignas(16) T rows[kRows][kWidth + 2 * kReach];

  static BlockTiles tiles(Extent e) { return BlockTiles::over(e.width, e.height, kWidth, kRows); }

  /// What `radius` needs, edge pixels repeated. Part of a phase.
  HX_HD void stage(const Plane<const T>& src, int left, int top, int radius, int t) {
    const int reach = (radius + 7) / 8 * 8;
    for (int y = 0; y < kRows; ++y) {
      const T* row = src.row(nearest_inside(top + y, src.extent.height));
      for (int i = t; i < kWidth + 2 * reach; i += kThreads)
        rows[y][kReach - reach + i] = row[nearest_inside(left - reach + i, src.extent.width)];
    }
  }
  HX_HD const T* centre(int t) const { return &rows[t / kRuns][kReach + t % kRuns * 8]; }

  /// before[7 + i - j] and after[1 + i + j] are the values k + j before and after value i of the thread: k = 1, 9, 17
  /// ..
  HX_HD void read(int t, int k, std::uint32_t (&before)[16], std::uint32_t (&after)[16]) const {
    read_sixteen(centre(t) - k - 7, before);
    read_sixteen(centre(t) + k - 1, after);
  }

 private:
  HX_HD static void read_sixteen(const std::uint16_t* from, std::uint32_t (&values)[16]) {
    unrolled<2>([&](int k) { unpack_eight(load_words<4>(from + 8 * k), values, 8 * k); });
  }
  HX_HD static void read_sixteen(const std::int32_t* from, std::uint32_t (&values)[16]) {
    unrolled<4>([&](int k) {
      const Words<4> four = load_words<4>(from + 4 * k);
      unrolled<4>([&](int j) { values[4 * k + j] = four.at[j]; });
    });
  }
};

/// Pairs of neighbouring 16-bit results, from the low halves of eight words.
HX_HD inline Words<4> packed_eight(const std::uint32_t (&values)[8]) {
  Words<4> out;
  unrolled<4>([&](int j) { out.at[j] = two_halves(low_half(values[2 * j]), values[2 * j + 1]); });
  return out;
}

}  // namespace hexaplex::detail
