#pragma once

#include "kernels/segment/raster_words.h"

namespace hexaplex::detail {

/// The last step of labelling in tiles: what a pixel is known by in its tile becomes its label, by a table in shared
/// memory.
struct TileNames {
  static constexpr std::uint16_t kNone = 0xffff;  ///< of a pixel of the background
  static constexpr int kSide = 64;

  /// Thread t's share of the 64 x 64 pixels from (left, top): labels = table[node]. The background becomes 0 if
  /// `kClears`, and is left alone else.
  template <int kThreads, bool kClears>
  HX_HD static void write(const Plane<std::uint32_t>& labels, const RasterWords& raster, const std::uint16_t* node,
                          const std::uint32_t* table, int left, int top, int t) {
    constexpr int kBatch = 4, kStep = kThreads / kSide;  // several reads on their way at once
    const int x = left + t % kSide;
    if (x >= labels.width()) return;
    for (int row = top + t / kSide; row < top + kSide; row += kBatch * kStep) {
      std::uint16_t own[kBatch];
      for (int k = 0; k < kBatch; ++k) {
        const int y = row + k * kStep;
        own[k] = y < labels.height() ? node[raster.name(x, y)] : kNone;
      }
      for (int k = 0; k < kBatch; ++k) {
        const int y = row + k * kStep;
        if (own[k] != kNone) {
          labels(x, y) = table[own[k]];
        } else if (kClears && y < labels.height()) {
          labels(x, y) = 0;
        }
      }
    }
  }
};

}  // namespace hexaplex::detail
