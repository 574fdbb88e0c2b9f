#pragma once

#include "kernels/runtime/host_device.h"

namespace hexaplex::detail {

/// The pixels of a tile as a block sees them: a thread owns 16 of a row.
struct BasinTile {
  static constexpr int kSide = 64, kRun = 16, kRunsOfRow = kSide / kRun;
  static constexpr int kThreads = kSide * kRunsOfRow;
  /// Runs lie an odd number of words apart, so that threads of a warp read in banks of their own. A pixel's place is
  /// its index with these gaps.
  static constexpr int kStride = kRun + 2;
  static constexpr int kPlaces = kThreads * kStride;

  HX_HD static int place(int x, int y) { return (y * kRunsOfRow + x / kRun) * kStride + x % kRun; }
  HX_HD static int x(int place) { return place / kStride % kRunsOfRow * kRun + place % kStride; }
  HX_HD static int y(int place) { return place / kStride / kRunsOfRow; }

  /// Pixels of the tile's border, from which paths may leave it: first row, last row, first column, last column.
  static constexpr int kDoors = 4 * kSide;
  HX_HD static int door_x(int door) { return door < 2 * kSide ? door % kSide : door < 3 * kSide ? 0 : kSide - 1; }
  HX_HD static int door_y(int door) { return door < kSide ? 0 : door < 2 * kSide ? kSide - 1 : door % kSide; }
  /// The door that a pixel of the border is known by: corners have two.
  HX_HD static int door(int x, int y) {
    return y == 0 ? x : y == kSide - 1 ? kSide + x : (x == 0 ? 2 * kSide : 3 * kSide) + y;
  }
  static_assert(kDoors == kThreads);
};

}  // namespace hexaplex::detail
