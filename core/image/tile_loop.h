#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/image/tiles.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

/// Calls f(queue, tile) for all tiles: side by side, each on one thread where there are enough of them.
template <class F>
void for_each_tile(const CpuQueue& q, const std::vector<Tile>& tiles, F f) {
  CpuQueue inner = q;
  if (static_cast<int>(tiles.size()) >= 4 * cpu_threads()) inner.threads = 1;
  for_each_task(q, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i) {
    CpuQueue own = inner;
    f(own, tiles[static_cast<std::size_t>(i)]);
  });
}

/// Sets all pixels of a plane.
template <class T>
void fill(Plane<T> plane, T value) {
  for (int y = 0; y < plane.height(); ++y) std::fill_n(plane.row(y), plane.width(), value);
}

/// Copies a tile's core from its window to its place in the image.
template <class T>
void copy_core(Plane<const T> from, const Tile& tile, Plane<T> to) {
  const Rect in = tile.core_in_window();
  for (int y = 0; y < in.height; ++y)
    std::memcpy(to.row(tile.core.y + y) + tile.core.x, from.row(in.y + y) + in.x, sizeof(T) * in.width);
}

}  // namespace hexaplex
