#pragma once

#include <cstdint>

#include "kernels/filter/blob_weights.h"
#include "kernels/filter/laplacian_of_gaussian_pixel.h"
#include "kernels/filter/staged_taps.h"

namespace hexaplex::detail {

// The two passes of the blob response of any radius, a launch each. Weights are 0 beyond the radius.

/// First pass: both filters down the columns.
struct BlobColumns {
  static constexpr int kThreads = StagedColumns::kThreads;
  using Shared = StagedColumns::Shared;
  struct Sums {
    std::uint32_t smooth[8], second[8];
  };

  StagedColumns from;
  Plane<std::uint16_t> smooth;
  Plane<std::int32_t> second;
  BlobWeights weights;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    PerThread<Sums, kThreads> sums;
    block.each_thread([&](int t) {
      const int x = from.column(block, t), y = from.first_row(block, t);
      unrolled<8>([&](int i) {
        const auto pixel = static_cast<std::int32_t>(from.pixel(x, y + i));
        sums[t].smooth[i] = blob_tap(0, weights.smooth[0], pixel);
        sums[t].second[i] = blob_tap(0, weights.second[0], pixel);
      });
    });
    from.each_step(block, s, weights.radius,
                   [&](int t, int k, const std::uint32_t(&before)[15], const std::uint32_t(&after)[15]) {
                     unrolled<8>([&](int j) {
                       const std::int32_t by_smooth = weights.smooth[k + j], by_second = weights.second[k + j];
                       unrolled<8>([&](int i) {
                         const auto pair = static_cast<std::int32_t>(before[7 + i - j] + after[i + j]);
                         sums[t].smooth[i] = blob_tap(sums[t].smooth[i], by_smooth, pair);
                         sums[t].second[i] = blob_tap(sums[t].second[i], by_second, pair);
                       });
                     });
                   });
    block.each_thread([&](int t) {
      const int x = from.column(block, t), y = from.first_row(block, t);
      if (x >= smooth.extent.width) return;
      unrolled<8>([&](int i) {
        if (y + i >= smooth.extent.height) return;
        smooth(x, y + i) = blob_smooth(sums[t].smooth[i]);
        second(x, y + i) = blob_second(sums[t].second[i], weights.second_bits);
      });
    });
  }
};

/// Second pass: each filter along the rows of the other's first pass.
struct BlobRows {
  struct Shared {
    StagedRows<std::uint16_t, kMaxBlobRadius> smooth;
    StagedRows<std::int32_t, kMaxBlobRadius> second;
  };
  using Staged = StagedRows<std::uint16_t, kMaxBlobRadius>;
  static constexpr int kThreads = Staged::kThreads;

  Plane<const std::uint16_t> smooth;
  Plane<const std::int32_t> second;
  Plane<std::int16_t> dst;
  BlockTiles tiles;
  BlobWeights weights;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      s.smooth.stage(smooth, left, top, weights.radius, t);
      s.second.stage(second, left, top, weights.radius, t);
    });
    block.each_thread([&](int t) {
      const int x = left + t % Staged::kRuns * 8, y = top + t / Staged::kRuns;
      if (x >= dst.extent.width || y >= dst.extent.height) return;
      std::uint32_t sums[8] = {};
      fold(s.smooth, t, weights.second, sums);
      fold(s.second, t, weights.smooth, sums);
      unrolled<8>([&](int i) { sums[i] = static_cast<std::uint16_t>(blob_round(sums[i])); });
      store_eight(dst.row(y) + x, packed_eight(sums), dst.extent.width - x);
    });
  }

 private:
  template <class Rows>
  HX_HD void fold(const Rows& rows, int t, const std::int32_t (&by)[kMaxBlobRadius + 1],
                  std::uint32_t (&sums)[8]) const {
    unrolled<8>([&](int i) { sums[i] = blob_tap(sums[i], by[0], rows.centre(t)[i]); });
    for (int k = 1; k <= weights.radius; k += 8) {
      std::uint32_t before[16], after[16];
      rows.read(t, k, before, after);
      unrolled<8>([&](int j) {
        const std::int32_t weight = by[k + j];
        unrolled<8>([&](int i) {
          sums[i] = blob_tap(sums[i], weight, static_cast<std::int32_t>(before[7 + i - j] + after[1 + i + j]));
        });
      });
    }
  }
};

}  // namespace hexaplex::detail
