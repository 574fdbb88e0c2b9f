#pragma once

#include <cstdint>

#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/unrolled.h"
#include "kernels/runtime/wide_access.h"

namespace hexaplex::detail {

// The two passes of a Gaussian of any radius, a launch each. A thread folds eight neighbours at once, eight pairs of
// taps a step: fifteen values on either side serve sixty-four products.

/// First pass: down the columns. What the next taps need is read into shared memory, a few dozen taps at a time.
struct GaussianColumns {
  static constexpr int kThreads = 256;
  static constexpr int kColumns = 64, kRows = 32;
  static constexpr int kTaps = 32;  ///< whose rows lie in shared memory
  static constexpr int kStaged = kRows + kTaps - 1;
  struct Shared {
    std::uint16_t before[kStaged][kColumns], after[kStaged][kColumns];
  };
  struct Sums {
    std::uint32_t of[8];
  };

  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  BlockTiles tiles;
  GaussianWeights weights;

  GaussianColumns(Plane<const std::uint16_t> from, Plane<std::uint16_t> to, const GaussianWeights& w)
      : src(from), dst(to), tiles(BlockTiles::over(from.width(), from.height(), kColumns, kRows)), weights(w) {}

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index), height = src.extent.height;
    PerThread<Sums, kThreads> sums;
    block.each_thread([&](int t) {
      const std::uint16_t* column = src.data + nearest_inside(left + t % kColumns, src.extent.width);
      const int y = top + t / kColumns * 8;
      unrolled<8>([&](int i) {
        sums[t].of[i] = gaussian_first(weights.weight[0], column[nearest_inside(y + i, height) * src.pitch]);
      });
    });
    for (int first = 1; first <= weights.radius; first += kTaps) {
      block.each_thread([&](int t) {
        const std::uint16_t* column = src.data + nearest_inside(left + t % kColumns, src.extent.width);
        for (int i = t / kColumns; i < kStaged; i += kThreads / kColumns) {
          s.before[i][t % kColumns] = column[nearest_inside(top - first - kTaps + 1 + i, height) * src.pitch];
          s.after[i][t % kColumns] = column[nearest_inside(top + first + i, height) * src.pitch];
        }
      });
      block.each_thread([&](int t) {
        const int x = t % kColumns, y = t / kColumns * 8;
        for (int k = 0; k < kTaps && first + k <= weights.radius; k += 8) {
          std::uint32_t before[15], after[15];
          unrolled<15>([&](int i) {
            before[i] = s.before[y - k + kTaps - 8 + i][x];
            after[i] = s.after[y + k + i][x];
          });
          unrolled<8>([&](int j) {
            const std::uint32_t weight = weights.weight[first + k + j];  // 0 beyond the radius
            unrolled<8>(
                [&](int i) { sums[t].of[i] = gaussian_tap(sums[t].of[i], weight, before[i + 7 - j], after[i + j]); });
          });
        }
      });
    }
    block.each_thread([&](int t) {
      const int x = left + t % kColumns, y = top + t / kColumns * 8;
      if (x >= src.extent.width) return;
      unrolled<8>([&](int i) {
        if (y + i < height) dst(x, y + i) = gaussian_round(sums[t].of[i]);
      });
    });
  }
};

/// Second pass: along the rows, which lie in shared memory as far as the largest radius reaches.
struct GaussianRows {
  static constexpr int kThreads = 256;
  static constexpr int kWidth = 512, kRows = 4;
  static constexpr int kRuns = kWidth / 8;
  static constexpr int kReach = kMaxGaussianRadius;  ///< whole runs of eight
  static_assert(kReach % 8 == 0);
  struct Shared {
    alignas(16) std::uint16_t rows[kRows][kWidth + 2 * kReach];
  };

  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  BlockTiles tiles;
  GaussianWeights weights;

  GaussianRows(Plane<const std::uint16_t> from, Plane<std::uint16_t> to, const GaussianWeights& w)
      : src(from), dst(to), tiles(BlockTiles::over(from.width(), from.height(), kWidth, kRows)), weights(w) {}

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    const int width = src.extent.width, height = src.extent.height;
    const int reach = (weights.radius + 7) / 8 * 8;
    block.each_thread([&](int t) {
      for (int y = 0; y < kRows; ++y) {
        const std::uint16_t* row = src.row(nearest_inside(top + y, height));
        for (int i = t; i < kWidth + 2 * reach; i += kThreads)
          s.rows[y][i] = row[nearest_inside(left - reach + i, width)];
      }
    });
    block.each_thread([&](int t) {
      const int run = t % kRuns, y = top + t / kRuns;
      const int x = left + 8 * run;
      if (x >= width || y >= height) return;
      const std::uint16_t* centre = &s.rows[t / kRuns][reach + 8 * run];
      std::uint32_t sums[8];
      unrolled<8>([&](int i) { sums[i] = gaussian_first(weights.weight[0], centre[i]); });
      for (int k = 0; k < weights.radius; k += 8) {
        std::uint32_t before[16], after[16];
        read_sixteen(centre - k - 8, before);
        read_sixteen(centre + k, after);
        unrolled<8>([&](int j) {
          const std::uint32_t weight = weights.weight[1 + k + j];  // 0 beyond the radius
          unrolled<8>([&](int i) { sums[i] = gaussian_tap(sums[i], weight, before[i + 7 - j], after[i + j + 1]); });
        });
      }
      Words<4> out;
      unrolled<4>([&](int j) { out.at[j] = two_halves(high_half(sums[2 * j]), high_half(sums[2 * j + 1])); });
      store_eight(dst.row(y) + x, out, width - x);
    });
  }

  HX_HD static void read_sixteen(const std::uint16_t* from, std::uint32_t (&values)[16]) {
    unrolled<2>([&](int k) {
      const Words<4> eight = load_words<4>(from + 8 * k);
      unrolled<4>([&](int j) {
        values[8 * k + 2 * j] = low_half(eight.at[j]);
        values[8 * k + 2 * j + 1] = high_half(eight.at[j]);
      });
    });
  }
};

}  // namespace hexaplex::detail
