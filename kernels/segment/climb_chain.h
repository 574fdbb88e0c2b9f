#pragma once

#include <cstdint>

#include "kernels/runtime/wide_access.h"
#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/climb.h"

namespace hexaplex::detail {

/// The pointer rule of climb.h for a block: each thread walks down a strip of 8 columns and keeps the rows around it in
/// registers.
///
/// Heights are multiplied by 16, so that the direction of a neighbour stands below them and one maximum finds the
/// highest of several, the first of equals. Neighbours above and below a pixel are so compared once for the three
/// pixels between which they lie; then the steepest of the corners meets the steepest of the sides.
struct ClimbStrips {
  static constexpr int kThreads = 128;
  static constexpr int kColumns = 8, kRows = 15;  ///< of a thread's strip
  static constexpr int kAcross = 32;              ///< strips of a tile side by side; the others lie below
  static constexpr int kTileWidth = kAcross * kColumns, kTileHeight = kThreads / kAcross * kRows;
  struct Shared {};

  Plane<const std::uint16_t> landscape;
  Plane<const std::uint8_t> mask;
  Plane<std::uint8_t> pointers;
  BlockTiles tiles;

  /// 16 times the masked landscape of a row, from one column before the strip to one behind it.
  struct Row {
    std::int32_t at[kColumns + 2];
  };

  struct alignas(16) Heights {
    std::uint16_t at[kColumns];
  };
  struct alignas(8) Bytes {
    std::uint8_t at[kColumns];
  };

  HX_HD static std::int32_t masked(std::uint16_t height, std::uint8_t inside) {
    return (inside != 0 ? static_cast<std::int32_t>(height) : kClimbNothing) * 16;
  }

  HX_HD void read(int x, int y, Row& row) const {
    constexpr std::int32_t kNothing = kClimbNothing * 16;
    if (y < 0 || y >= mask.height()) {
      for (int k = 0; k < kColumns + 2; ++k) row.at[k] = kNothing;
      return;
    }
    const std::uint16_t* heights = landscape.row(y) + x;
    const std::uint8_t* inside = mask.row(y) + x;
    const int count = mask.width() - x;
    row.at[0] = x > 0 ? masked(heights[-1], inside[-1]) : kNothing;
    row.at[kColumns + 1] = count > kColumns ? masked(heights[kColumns], inside[kColumns]) : kNothing;
    if (count >= kColumns && is_aligned_for<Heights>(heights) && is_aligned_for<Bytes>(inside)) {
      const auto wide = read_wide<Heights>(heights);
      const auto bytes = read_wide<Bytes>(inside);
      for (int k = 0; k < kColumns; ++k) row.at[k + 1] = masked(wide.at[k], bytes.at[k]);
    } else {
      for (int k = 0; k < kColumns; ++k) row.at[k + 1] = k < count ? masked(heights[k], inside[k]) : kNothing;
    }
  }

  /// The pointer of a pixel of height v (16 times), given the highest of its corners (8 - place below it) and of its
  /// sides (7 - place below it).
  HX_HD static std::uint8_t pointer(std::int32_t v, std::int32_t corner, std::int32_t side) {
    // 16 times the weighted rise, and 15 - place below it: steepest first, then the first place.
    const std::int32_t up_corner = (corner - v) * 5 + 7 - 4 * (corner & 15);
    const std::int32_t up_side = (side - v) * 7 + 8 - 6 * (side & 15);
    const std::int32_t best = up_corner > up_side ? up_corner : up_side;
    const std::int32_t level = 15 - best < 4 ? 15 - best : 4;  // an equal pixel counts where it comes earlier
    const std::int32_t to = best >= 16 ? ~best & 15 : level;
    return static_cast<std::uint8_t>(v < 0 ? 255 : to);
  }

  HX_HD static std::int32_t higher(std::int32_t a, std::int32_t b) { return a > b ? a : b; }

  HX_HD void write(int x, int y, const Row& up, const Row& row, const Row& down) const {
    if (y >= mask.height()) return;
    std::int32_t column[kColumns + 2];  // above or below; 6 more for above
    for (int k = 0; k < kColumns + 2; ++k) column[k] = higher(up.at[k] + 6, down.at[k]);
    Bytes out;
    for (int k = 0; k < kColumns; ++k) {
      const std::int32_t corner = higher(column[k] + 2, column[k + 2]);
      const std::int32_t side = higher(column[k + 1], higher(row.at[k] + 2, row.at[k + 2]) + 2);
      out.at[k] = pointer(row.at[k + 1], corner, side);
    }
    std::uint8_t* to = pointers.row(y) + x;
    if (pointers.width() - x >= kColumns && is_aligned_for<Bytes>(to)) {
      write_wide(to, out);
    } else {
      for (int k = 0; k < kColumns; ++k)
        if (k < pointers.width() - x) to[k] = out.at[k];
    }
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared&) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      const int x = left + t % kAcross * kColumns, y = top + t / kAcross * kRows;
      if (x >= mask.width()) return;
      Row rows[3];
      read(x, y - 1, rows[0]);
      read(x, y, rows[1]);
      // Rows change places three by three, so that none is copied.
      for (int k = 0; k < kRows && y + k < mask.height(); k += 3) {
        read(x, y + k + 1, rows[2]);
        write(x, y + k, rows[0], rows[1], rows[2]);
        read(x, y + k + 2, rows[0]);
        write(x, y + k + 1, rows[1], rows[2], rows[0]);
        read(x, y + k + 3, rows[1]);
        write(x, y + k + 2, rows[2], rows[0], rows[1]);
      }
    });
  }
};

template <class Q>
void climb_pointers_chain(const Q& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                          Plane<std::uint8_t> pointers) {
  const BlockTiles tiles =
      BlockTiles::over(pointers.width(), pointers.height(), ClimbStrips::kTileWidth, ClimbStrips::kTileHeight);
  for_each_block(q, tiles.count(), ClimbStrips{landscape, mask, pointers, tiles}, "climbing");
}

}  // namespace hexaplex::detail
