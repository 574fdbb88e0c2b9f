#pragma once

#include <cstddef>
#include <vector>

#include "kernels/runtime/plane.h"

namespace hexaplex {

/// A tile of a level, counted in tiles.
struct PyramidTile {
  int level = 0;
  int x = 0;
  int y = 0;
};

/// Levels of an image, each half the one before (rounded up) until one tile holds it, cut into tiles.
struct PyramidGrid {
  static constexpr int kTile = 512;
  Extent full{};

  int levels() const;
  Extent extent(int level) const;          ///< in pixels of the level
  Extent tiles(int level) const;           ///< in tiles
  Rect pixels(PyramidTile t) const;        ///< of the tile that lie in the image, in pixels of the level
  std::size_t index(PyramidTile t) const;  ///< in raster order within the level
  bool holds(PyramidTile t) const;         ///< false: the tile lies outside the image
  /// The tiles under `t`, each after the up to four that it is made of, itself last: the order in which levels can be
  /// written with one open tile for each.
  std::vector<PyramidTile> subtree(PyramidTile t) const;
};

}  // namespace hexaplex
