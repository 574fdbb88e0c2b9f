#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/runtime/plane.h"

namespace hexaplex {

/// One tile: the pixels it is responsible for, and the window it must see for them.
struct Tile {
  Rect core;    ///< in the image; the cores of all tiles cover it once
  Rect window;  ///< core and halo, cut at the image's edges; starts at a multiple of kTileAlignment
  /// The core's place inside the window.
  Rect core_in_window() const { return {core.x - window.x, core.y - window.y, core.width, core.height}; }
};

/// Windows start at multiples of this, so that operators on coarse grids see the same grid in every tile.
inline constexpr int kTileAlignment = 64;

/// The window of a tile with this core.
Rect window_around(Rect core, int halo_px, Extent image);

/// How an image is cut: changes no byte of a result.
struct TileShape {
  int width = 0, height = 0;     ///< of a core in pixels, at least 16; 0 x 0: one tile
  std::uint64_t order_seed = 0;  ///< 0: raster order; else a shuffled one, to show that the order does not matter

  constexpr TileShape() = default;
  constexpr TileShape(int side) : width(side), height(side) {}  // NOLINT: most tiles are squares
  constexpr TileShape(int w, int h, std::uint64_t seed = 0) : width(w), height(h), order_seed(seed) {}
  bool operator==(const TileShape&) const = default;
  bool whole() const { return width == 0 && height == 0; }
};

/// "1024", or "640x384".
std::string text_of(TileShape shape);

/// Cuts an image into tiles.
///
/// @param halo_px  what the operators inside need around the core
/// Throws: InvalidArgument for sides below 16
std::vector<Tile> make_tiles(Extent image, TileShape tile_px, int halo_px);

/// Cuts an image into windows to read from a file, in raster order: whole blocks of the file where that fits, so that
/// few are decoded twice, and no window above `most_bytes` unless one row of blocks is.
///
/// @param block            in which the file stores pixels; image.width wide for strips; 0 x 0: unknown, taken for rows
/// @param bytes_per_pixel  that reading holds, all bands together
std::vector<Rect> reading_windows(Extent image, Extent block, std::int64_t bytes_per_pixel, std::int64_t most_bytes);

}  // namespace hexaplex
