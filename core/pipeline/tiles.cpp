#include "core/pipeline/tiles.h"

#include <algorithm>

#include "kernels/runtime/error.h"

namespace hexaplex {

std::vector<Tile> make_tiles(Extent image, int tile_px, int halo_px) {
  HX_EXPECT(tile_px == 0 || tile_px >= 16, "a tile measures at least 16 pixels, or 0 for one tile");
  HX_EXPECT(halo_px >= 0, "a halo cannot be negative");
  std::vector<Tile> tiles;
  if (image.empty()) return tiles;
  const int width = tile_px == 0 ? image.width : tile_px, height = tile_px == 0 ? image.height : tile_px;
  for (int y = 0; y < image.height; y += height) {
    for (int x = 0; x < image.width; x += width) {
      Tile t;
      t.core = {x, y, std::min(width, image.width - x), std::min(height, image.height - y)};
      const int left = std::max(0, x - halo_px) / kTileAlignment * kTileAlignment;
      const int top = std::max(0, y - halo_px) / kTileAlignment * kTileAlignment;
      t.window = {left, top, std::min(image.width, t.core.right() + halo_px) - left,
                  std::min(image.height, t.core.bottom() + halo_px) - top};
      tiles.push_back(t);
    }
  }
  return tiles;
}

}  // namespace hexaplex
