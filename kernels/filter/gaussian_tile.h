#pragma once

#include <cstdint>

#include "kernels/filter/column_window.h"
#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/unrolled.h"
#include "kernels/runtime/wide_access.h"

namespace hexaplex::detail {

/// Both passes of the Gaussian over a tile, for radii up to kRadius. A thread reads its column once and keeps it in
/// registers; what the first pass leaves lies in shared memory as rows; then a thread folds eight neighbours of a row.
template <int kRadius>
struct GaussianTile {
  static constexpr int kThreads = 256;  ///< a column each
  static constexpr int kBlocksAtOnce = kRadius <= 8 ? 4 : kRadius <= 12 ? 3 : 2;
  static constexpr int kRows = 32, kStep = 16;
  static constexpr int kReach = (kRadius + 7) / 8 * 8;  ///< beside the tile, so that runs of eight stay aligned
  static constexpr int kWidth = kThreads - 2 * kReach;
  static constexpr int kRuns = kWidth / 8;
  struct Shared {
    alignas(16) std::uint16_t rows[kRows][kThreads];
  };

  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  BlockTiles tiles;
  std::uint32_t weight[kRadius + 1];

  GaussianTile(Plane<const std::uint16_t> from, Plane<std::uint16_t> to, const GaussianWeights& weights)
      : src(from), dst(to), tiles(BlockTiles::over(from.width(), from.height(), kWidth, kRows)) {
    for (int k = 0; k <= kRadius; ++k) weight[k] = weights.weight[k];  // 0 beyond the radius
  }

  /// The taps of the value at `centre`.
  template <int n>
  HX_HD std::uint32_t fold(const std::uint32_t (&values)[n], int centre) const {
    std::uint32_t sum = gaussian_first(weight[0], values[centre]);
    unrolled<kRadius>(
        [&](int k) { sum = gaussian_tap(sum, weight[k + 1], values[centre - k - 1], values[centre + k + 1]); });
    return sum;
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    const int width = src.extent.width, height = src.extent.height;
    block.each_thread([&](int t) {
      const int x = left - kReach + t;
      if (x >= width + kRadius) return;
      ColumnWindow<kRadius, kStep> column(src, x, top);
      for (int y = 0; y < kRows; y += kStep) {
        column.read_step();
        unrolled<kStep>([&](int i) { s.rows[y + i][t] = gaussian_round(fold(column.values, kRadius + i)); });
        column.end_step();
      }
    });
    block.each_thread([&](int t) {
      for (int i = t; i < kRuns * kRows; i += kThreads) {
        const int run = i % kRuns, row = i / kRuns;
        const int x = left + 8 * run, y = top + row;
        if (x >= width || y >= height) continue;
        std::uint32_t values[8 + 2 * kReach];
        unrolled<1 + kReach / 4>(
            [&](int k) { unpack_eight(load_words<4>(&s.rows[row][8 * (run + k)]), values, 8 * k); });
        Words<4> out;
        unrolled<4>([&](int j) {
          const std::uint32_t first = fold(values, kReach + 2 * j), second = fold(values, kReach + 2 * j + 1);
          out.at[j] = two_halves(high_half(first), high_half(second));
        });
        store_eight(dst.row(y) + x, out, width - x);
      }
    });
  }
};

}  // namespace hexaplex::detail
