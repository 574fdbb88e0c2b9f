#include "core/image/tiles.h"

#include <algorithm>
#include <random>
#include <utility>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// Fisher and Yates' shuffle on a fixed generator: the same order on every machine.
void shuffle(std::vector<Tile>& tiles, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = tiles.size(); i > 1; --i) std::swap(tiles[i - 1], tiles[random() % i]);
}

}  // namespace

std::string text_of(TileShape shape) {
  const std::string width = std::to_string(shape.width);
  return shape.width == shape.height ? width : width + "x" + std::to_string(shape.height);
}

Rect window_around(Rect core, int halo_px, Extent image) {
  const int left = std::max(0, core.x - halo_px) / kTileAlignment * kTileAlignment;
  const int top = std::max(0, core.y - halo_px) / kTileAlignment * kTileAlignment;
  return {left, top, std::min(image.width, core.right() + halo_px) - left,
          std::min(image.height, core.bottom() + halo_px) - top};
}

std::vector<Tile> make_tiles(Extent image, TileShape tile_px, int halo_px) {
  HX_EXPECT(tile_px.whole() || (tile_px.width >= 16 && tile_px.height >= 16),
            "a tile measures at least 16 pixels each way, or 0 for one tile");
  HX_EXPECT(halo_px >= 0, "a halo cannot be negative");
  std::vector<Tile> tiles;
  if (image.empty()) return tiles;
  const int width = tile_px.whole() ? image.width : tile_px.width;
  const int height = tile_px.whole() ? image.height : tile_px.height;
  for (int y = 0; y < image.height; y += height) {
    for (int x = 0; x < image.width; x += width) {
      Tile t;
      t.core = {x, y, std::min(width, image.width - x), std::min(height, image.height - y)};
      t.window = window_around(t.core, halo_px, image);
      tiles.push_back(t);
    }
  }
  if (tile_px.order_seed != 0) shuffle(tiles, tile_px.order_seed);
  return tiles;
}

std::vector<Rect> reading_windows(Extent image, Extent block, std::int64_t bytes_per_pixel, std::int64_t most_bytes) {
  HX_EXPECT(bytes_per_pixel > 0 && most_bytes > 0, "a pixel and a window have bytes");
  std::vector<Rect> windows;
  if (image.empty()) return windows;
  const bool tiled = block.width > 0 && block.width < image.width;
  const int block_width = tiled ? block.width : image.width, block_height = std::clamp(block.height, 1, image.height);
  // As many blocks side by side, then below each other, as fit; at least one.
  const auto fitting = [&](std::int64_t bytes, std::int64_t most) {
    return static_cast<int>(std::clamp<std::int64_t>(most_bytes / std::max<std::int64_t>(bytes, 1), 1, most));
  };
  const std::int64_t block_bytes = bytes_per_pixel * block_width * block_height;
  const int across = fitting(block_bytes, (image.width + block_width - 1) / block_width);
  const int down = fitting(block_bytes * across, (image.height + block_height - 1) / block_height);
  const int width = std::min(image.width, across * block_width);
  const int height = std::min(image.height, down * block_height);
  for (int y = 0; y < image.height; y += height)
    for (int x = 0; x < image.width; x += width)
      windows.push_back({x, y, std::min(width, image.width - x), std::min(height, image.height - y)});
  return windows;
}

}  // namespace hexaplex
