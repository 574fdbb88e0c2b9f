#include "core/io/pyramid_grid.h"

#include <algorithm>
#include <cstdint>

namespace hexaplex {

namespace {

int halved(int pixels, int level) {
  return static_cast<int>((static_cast<std::int64_t>(pixels) + (std::int64_t{1} << level) - 1) >> level);
}

void append_subtree(const PyramidGrid& grid, PyramidTile t, std::vector<PyramidTile>& out) {
  if (!grid.holds(t)) return;
  if (t.level > 0)
    for (int i = 0; i < 4; ++i) append_subtree(grid, {t.level - 1, 2 * t.x + i % 2, 2 * t.y + i / 2}, out);
  out.push_back(t);
}

}  // namespace

int PyramidGrid::levels() const {
  int levels = 1;
  while (tiles(levels - 1).area() > 1) ++levels;
  return levels;
}

Extent PyramidGrid::extent(int level) const {
  return {halved(full.width, level), halved(full.height, level)};
}

Extent PyramidGrid::tiles(int level) const {
  const Extent e = extent(level);
  return {(e.width - 1) / kTile + 1, (e.height - 1) / kTile + 1};
}

Rect PyramidGrid::pixels(PyramidTile t) const {
  const Extent e = extent(t.level);
  const int x = t.x * kTile, y = t.y * kTile;
  return {x, y, std::min(kTile, e.width - x), std::min(kTile, e.height - y)};
}

std::size_t PyramidGrid::index(PyramidTile t) const {
  return static_cast<std::size_t>(t.y) * static_cast<std::size_t>(tiles(t.level).width) + static_cast<std::size_t>(t.x);
}

bool PyramidGrid::holds(PyramidTile t) const {
  const Extent e = tiles(t.level);
  return t.x < e.width && t.y < e.height;
}

std::vector<PyramidTile> PyramidGrid::subtree(PyramidTile t) const {
  std::vector<PyramidTile> out;
  append_subtree(*this, t, out);
  return out;
}

}  // namespace hexaplex
