#pragma once

#include <cstdint>

#include "kernels/morphology/packed_mask.h"
#include "kernels/runtime/for_each_block.h"

namespace hexaplex::detail {

/// Steps of erosion, then of dilation, each over a pixel and its four neighbours, on a tile of bits in shared memory.
/// Pixels beyond the image are 1 for an erosion and 0 for a dilation: then they change nothing, like an edge repeated.
struct DiamondSteps {
  static constexpr int kThreads = 256;
  static constexpr int kMostSteps = 32;          ///< as far as the word on either side of a tile reaches
  static constexpr int kWords = 16, kRows = 32;  ///< of a tile
  static constexpr int kStride = kWords + 2;
  static constexpr int kStaged = (kRows + 2 * kMostSteps) * kStride;
  static_assert(kMostSteps <= 32, "what lies beyond that word must not get to the tile");
  struct Shared {
    std::uint32_t bits[2][kStaged];  ///< from one to the other and back
  };

  PackedMask src;
  PackedMask dst;  ///< no words: the result goes to `mask`
  Plane<std::uint8_t> mask;
  int erosions, dilations;  ///< at most kMostSteps together
  BlockTiles tiles;

  static BlockTiles tiles_over(Extent image) {
    return BlockTiles::over((image.width + 31) / 32, image.height, kWords, kRows);
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int steps = erosions + dilations, rows = kRows + 2 * steps, count = rows * kStride;
    const int left = tiles.left(block.index) - 1, top = tiles.top(block.index) - steps;
    block.each_thread([&](int t) {
      for (int i = t; i < count; i += kThreads) {
        const int w = left + i % kStride, y = top + i / kStride;
        const std::uint32_t inside = src.inside(w, y);
        s.bits[0][i] = (inside != 0 ? src.row(y)[w] : 0) | (erosions > 0 ? ~inside : 0);
      }
    });
    for (int step = 0; step < steps; ++step) {
      const bool erode = step < erosions, last_erosion = step == erosions - 1;
      block.each_thread([&](int t) {
        const std::uint32_t* from = s.bits[step % 2];
        for (int i = t; i < count; i += kThreads) {
          const std::uint32_t moved = erode ? stepped<true>(from, i, count) : stepped<false>(from, i, count);
          s.bits[1 - step % 2][i] = last_erosion ? moved & src.inside(left + i % kStride, top + i / kStride) : moved;
        }
      });
    }
    const std::uint32_t* result = s.bits[steps % 2] + steps * kStride;  // row 0 of the tile
    block.each_thread([&](int t) {
      if (dst.words != nullptr) {
        for (int i = t; i < kWords * kRows; i += kThreads) {
          const int w = left + 1 + i % kWords, y = top + steps + i / kWords;
          if (src.inside(w, y) != 0) dst.row(y)[w] = result[i / kWords * kStride + 1 + i % kWords] & src.inside(w, y);
        }
        return;
      }
      for (int i = t; i < 2 * kWords * kRows; i += kThreads) {  // half a word each
        const int half = i % (2 * kWords), row = i / (2 * kWords);
        const int x = 32 * (left + 1) + 16 * half, y = top + steps + row;
        if (x < mask.width() && y < mask.height())
          store_sixteen(mask.row(y) + x, result[row * kStride + 1 + half / 2] >> half % 2 * 16, mask.width() - x);
      }
    });
  }

 private:
  /// Word i with its neighbours. Beyond what is staged anything will do: a step is wrong by a pixel more at its border,
  /// and steps do not reach from there to the tile.
  template <bool erode>
  HX_HD static std::uint32_t stepped(const std::uint32_t* from, int i, int count) {
    const std::uint32_t own = from[i];
    const std::uint32_t before = i > 0 ? from[i - 1] : 0, after = i + 1 < count ? from[i + 1] : 0;
    const std::uint32_t up = i >= kStride ? from[i - kStride] : 0, down = i + kStride < count ? from[i + kStride] : 0;
    const std::uint32_t right = own << 1 | before >> 31, left = own >> 1 | after << 31;
    return erode ? own & up & down & right & left : own | up | down | right | left;
  }
};

}  // namespace hexaplex::detail
