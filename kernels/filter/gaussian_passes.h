#pragma once

#include <cstdint>

#include "kernels/filter/gaussian_pixel.h"
#include "kernels/filter/staged_taps.h"

namespace hexaplex::detail {

// The two passes of a Gaussian of any radius, a launch each. Weights are 0 beyond the radius.

/// First pass: down the columns.
struct GaussianColumns {
  static constexpr int kThreads = StagedColumns::kThreads;
  using Shared = StagedColumns::Shared;
  struct Sums {
    std::uint32_t of[8];
  };

  StagedColumns from;
  Plane<std::uint16_t> dst;
  GaussianWeights weights;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    PerThread<Sums, kThreads> sums;
    block.each_thread([&](int t) {
      const int x = from.column(block, t), y = from.first_row(block, t);
      unrolled<8>([&](int i) { sums[t].of[i] = gaussian_first(weights.weight[0], from.pixel(x, y + i)); });
    });
    from.each_step(
        block, s, weights.radius, [&](int t, int k, const std::uint32_t(&before)[15], const std::uint32_t(&after)[15]) {
          unrolled<8>([&](int j) {
            const std::uint32_t weight = weights.weight[k + j];
            unrolled<8>(
                [&](int i) { sums[t].of[i] = gaussian_tap(sums[t].of[i], weight, before[7 + i - j], after[i + j]); });
          });
        });
    block.each_thread([&](int t) {
      const int x = from.column(block, t), y = from.first_row(block, t);
      if (x >= dst.extent.width) return;
      unrolled<8>([&](int i) {
        if (y + i < dst.extent.height) dst(x, y + i) = gaussian_round(sums[t].of[i]);
      });
    });
  }
};

/// Second pass: along the rows.
struct GaussianRows {
  using Shared = StagedRows<std::uint16_t, kMaxGaussianRadius>;
  static constexpr int kThreads = Shared::kThreads;

  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  BlockTiles tiles;
  GaussianWeights weights;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) { s.stage(src, left, top, weights.radius, t); });
    block.each_thread([&](int t) {
      const int x = left + t % Shared::kRuns * 8, y = top + t / Shared::kRuns;
      if (x >= dst.extent.width || y >= dst.extent.height) return;
      std::uint32_t sums[8];
      unrolled<8>([&](int i) { sums[i] = gaussian_first(weights.weight[0], s.centre(t)[i]); });
      for (int k = 1; k <= weights.radius; k += 8) {
        std::uint32_t before[16], after[16];
        s.read(t, k, before, after);
        unrolled<8>([&](int j) {
          const std::uint32_t weight = weights.weight[k + j];
          unrolled<8>([&](int i) { sums[i] = gaussian_tap(sums[i], weight, before[7 + i - j], after[1 + i + j]); });
        });
      }
      unrolled<8>([&](int i) { sums[i] = gaussian_round(sums[i]); });
      store_eight(dst.row(y) + x, packed_eight(sums), dst.extent.width - x);
    });
  }
};

}  // namespace hexaplex::detail
