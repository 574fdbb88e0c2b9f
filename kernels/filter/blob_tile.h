#pragma once

#include <cstdint>

#include "kernels/filter/blob_weights.h"
#include "kernels/filter/column_window.h"
#include "kernels/filter/laplacian_of_gaussian_pixel.h"
#include "kernels/filter/staged_taps.h"

namespace hexaplex::detail {

/// Where a tile of responses is computed: kReach columns on either side lie in shared memory too.
template <int kReach>
struct BlobTileShape {
  static constexpr int kThreads = 256;  ///< a column each
  static constexpr int kRows = 16;
  static constexpr int kWidth = kThreads - 2 * kReach;
  static constexpr int kRuns = kWidth / 8;
  static constexpr int kRounds = (kRuns * kRows + kThreads - 1) / kThreads;  ///< runs of a thread
  static_assert(kReach % 8 == 0, "runs of eight pixels stay aligned");
  /// What the first pass leaves.
  struct Shared {
    alignas(16) std::uint16_t smooth[kRows][kThreads];
    alignas(16) std::int32_t second[kRows][kThreads];
  };
};

/// The response of radii up to kRadius over a tile, its two passes apart.
template <int kRadius, int kReach>
struct BlobTaps {
  using Shape = BlobTileShape<kReach>;
  static_assert(kRadius <= kReach);

  int second_bits;
  std::int32_t column_smooth[kRadius + 1], column_second[kRadius + 1];
  std::int32_t row_smooth[kRadius + 1], row_second[kRadius + 1];

  BlobTaps(double sigma_px, int radius) {
    const BlobWeights column = blob_column_weights(sigma_px, radius), row = blob_row_weights(sigma_px, radius);
    second_bits = column.second_bits;
    for (int k = 0; k <= kRadius; ++k) {  // 0 beyond the radius
      column_smooth[k] = column.smooth[k];
      column_second[k] = column.second[k];
      row_smooth[k] = row.smooth[k];
      row_second[k] = row.second[k];
    }
  }

  /// Both filters down the column of a thread: a phase.
  HX_HD void go_down(const Plane<const std::uint16_t>& src, int left, int top, typename Shape::Shared& s, int t) const {
    const int x = left - kReach + t;
    if (x >= src.extent.width + kRadius) return;
    ColumnWindow<kRadius, Shape::kRows> column(src, x, top);
    column.read_step();
    unrolled<Shape::kRows>([&](int y) {
      const std::uint32_t* centre = &column.values[kRadius + y];
      std::uint32_t smooth = blob_tap(0, column_smooth[0], static_cast<std::int32_t>(*centre));
      std::uint32_t second = blob_tap(0, column_second[0], static_cast<std::int32_t>(*centre));
      unrolled<kRadius>([&](int k) {
        const auto pair = static_cast<std::int32_t>(centre[-k - 1] + centre[k + 1]);
        smooth = blob_tap(smooth, column_smooth[k + 1], pair);
        second = blob_tap(second, column_second[k + 1], pair);
      });
      s.smooth[y][t] = blob_smooth(smooth);
      s.second[y][t] = blob_second(second, second_bits);
    });
  }

  /// The responses of eight pixels of a row, 16 bits each.
  HX_HD Words<4> respond(const typename Shape::Shared& s, int run, int row) const {
    constexpr int kNear = (kRadius + 7) / 8 * 8;
    std::uint32_t values[8 + 2 * kNear], sums[8] = {};
    const int first = 8 * run + kReach - kNear;
    unrolled<1 + kNear / 4>([&](int k) { unpack_eight(load_words<4>(&s.smooth[row][first + 8 * k]), values, 8 * k); });
    fold<kNear>(values, row_second, sums);
    unrolled<2 + kNear / 2>([&](int k) {
      const Words<4> four = load_words<4>(&s.second[row][first + 4 * k]);
      unrolled<4>([&](int j) { values[4 * k + j] = four.at[j]; });
    });
    fold<kNear>(values, row_smooth, sums);
    unrolled<8>([&](int i) { sums[i] = static_cast<std::uint16_t>(blob_round(sums[i])); });
    return packed_eight(sums);
  }

 private:
  template <int kNear>
  HX_HD static void fold(const std::uint32_t (&values)[8 + 2 * kNear], const std::int32_t (&weights)[kRadius + 1],
                         std::uint32_t (&sums)[8]) {
    unrolled<8>([&](int i) {
      const std::uint32_t* centre = &values[kNear + i];
      sums[i] = blob_tap(sums[i], weights[0], static_cast<std::int32_t>(*centre));
      unrolled<kRadius>([&](int k) {
        sums[i] = blob_tap(sums[i], weights[k + 1], static_cast<std::int32_t>(centre[-k - 1] + centre[k + 1]));
      });
    });
  }
};

/// The blob response in one launch, for radii up to kRadius.
template <int kRadius>
struct BlobTile {
  static constexpr int kReach = (kRadius + 7) / 8 * 8;
  using Shape = BlobTileShape<kReach>;
  static constexpr int kThreads = Shape::kThreads;
  static constexpr int kBlocksAtOnce = kRadius <= 8 ? 4 : kRadius <= 16 ? 3 : 2;
  using Shared = typename Shape::Shared;

  Plane<const std::uint16_t> src;
  Plane<std::int16_t> dst;
  BlockTiles tiles;
  BlobTaps<kRadius, kReach> taps;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) { taps.go_down(src, left, top, s, t); });
    block.each_thread([&](int t) {
      for (int i = t; i < Shape::kRuns * Shape::kRows; i += kThreads) {
        const int run = i % Shape::kRuns, row = i / Shape::kRuns;
        const int x = left + 8 * run, y = top + row;
        if (x < dst.extent.width && y < dst.extent.height)
          store_eight(dst.row(y) + x, taps.respond(s, run, row), dst.extent.width - x);
      }
    });
  }
};

}  // namespace hexaplex::detail
