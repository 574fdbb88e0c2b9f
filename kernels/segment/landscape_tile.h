#pragma once

#include <cstdint>

#include "kernels/filter/blob_tile.h"
#include "kernels/segment/landscape_pixel.h"

namespace hexaplex::detail {

/// The landscape of two scales in one launch: what blob_response and blob_landscape leave, without a plane between
/// them. One scale after the other uses the same shared memory; the finer responses wait in registers.
template <int kFine, int kCoarse>
struct LandscapeTile {
  static_assert(kFine <= kCoarse);
  static constexpr int kReach = (kCoarse + 7) / 8 * 8;
  using Shape = BlobTileShape<kReach>;
  static constexpr int kThreads = Shape::kThreads;
  static constexpr int kBlocksAtOnce = kCoarse <= 12 ? 3 : 2;
  using Shared = typename Shape::Shared;
  struct Responses {
    Words<4> of[Shape::kRounds];
  };

  Plane<const std::uint16_t> src;
  Plane<const std::uint16_t> wall;  ///< no data: none
  std::int32_t weight;
  Plane<std::uint16_t> dst;
  BlockTiles tiles;
  BlobTaps<kFine, kReach> fine;
  BlobTaps<kCoarse, kReach> coarse;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    PerThread<Responses, kThreads> finer;
    block.each_thread([&](int t) { fine.go_down(src, left, top, s, t); });
    block.each_thread([&](int t) {
      each_run(left, top, t, [&](int round, int run, int row) { finer[t].of[round] = fine.respond(s, run, row); });
    });
    block.each_thread([&](int t) { coarse.go_down(src, left, top, s, t); });
    block.each_thread([&](int t) {
      each_run(left, top, t, [&](int round, int run, int row) {
        const Words<4> coarser = coarse.respond(s, run, row);
        const int x = left + 8 * run, y = top + row, count = dst.extent.width - x;
        std::uint32_t out[8];
        unrolled<4>([&](int j) {
          const std::uint32_t a = finer[t].of[round].at[j], b = coarser.at[j];
          out[2 * j] = value(low_half(a), low_half(b), x, y, 2 * j);
          out[2 * j + 1] = value(high_half(a), high_half(b), x, y, 2 * j + 1);
        });
        store_eight(dst.row(y) + x, packed_eight(out), count);
      });
    });
  }

 private:
  /// Calls f(round, run, row) for every run of eight pixels that a thread has inside the image.
  template <class F>
  HX_HD void each_run(int left, int top, int t, const F& f) const {
    unrolled<Shape::kRounds>([&](int round) {
      const int i = round * kThreads + t, run = i % Shape::kRuns, row = i / Shape::kRuns;
      if (row < Shape::kRows && left + 8 * run < dst.extent.width && top + row < dst.extent.height) f(round, run, row);
    });
  }

  /// Of pixel i of a run that begins at x. Responses are 16 bits with a sign.
  HX_HD std::uint32_t value(std::uint32_t finer, std::uint32_t coarser, int x, int y, int i) const {
    const bool walled = wall.data != nullptr && x + i < wall.extent.width;
    return landscape_value(static_cast<std::int16_t>(finer), static_cast<std::int16_t>(coarser),
                           walled ? wall(x + i, y) : 0, weight);
  }
};

}  // namespace hexaplex::detail
