#include "core/regions/region_tissue.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "core/image/tile_loop.h"
#include "kernels/intensity/histogram.h"

namespace hexaplex {

namespace {

constexpr int kWindowPx = 1024;

// Pixels of a row in a span that can be assessed.
std::int64_t assessable_in(const QualityMask& quality, int row, Span s) {
  std::int64_t pixels = 0;
  for (int x = s.begin; x < s.end;) {
    const int column = x / kQualitySquarePx, end = std::min(s.end, (column + 1) * kQualitySquarePx);
    if (quality.square(column, row / kQualitySquarePx) == Unusable::none) pixels += end - x;
    x = end;
  }
  return pixels;
}

// Pixels of tissue in a window that lie in the region and have the key or a higher one.
std::int64_t count_keys(Plane<const float> pixels, Rect window, std::span<const Rect> tissue, const RegionArea& region,
                        std::size_t least_key) {
  std::vector<std::vector<Span>> inside;  // by row; of pixels of the window
  for (int y = 0; y < window.height; ++y)
    inside.push_back(region.along(window.y + y + 0.5, window.x + 0.5, 1, window.width));
  std::int64_t count = 0;
  for (const Rect& rect : tissue)
    for (int y = rect.y - window.y; y < rect.bottom() - window.y; ++y)
      for (const Span& s : inside[static_cast<std::size_t>(y)])
        for (int x = std::max(s.begin, rect.x - window.x); x < std::min(s.end, rect.right() - window.x); ++x)
          count += float_key(pixels(x, y)) >= least_key ? 1 : 0;
  return count;
}

}  // namespace

std::int64_t assessable_pixels(const CpuQueue& q, const RegionArea& region, const QualityMask* quality, Extent slide) {
  std::atomic<std::int64_t> pixels = 0;
  for_each_band(q, slide.height, 256, [&](std::int64_t begin, std::int64_t end) {
    std::int64_t here = 0;
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (const Span& s : region.pixels(y, slide.width))
        here += quality == nullptr ? s.end - s.begin : assessable_in(*quality, y, s);
    pixels += here;
  });
  return pixels;
}

std::vector<std::int64_t> pixels_from(const CpuQueue& q, const ChannelSource& channels, int channel, double least,
                                      std::span<const RegionArea* const> regions) {
  std::vector<std::atomic<std::int64_t>> counts(regions.size());
  const std::size_t least_key = float_key(static_cast<float>(least));
  const int wanted[] = {channel};
  for_each_tile(q, make_tiles(channels.extent(), kWindowPx, 0), [&](CpuQueue& inner, const Tile& tile) {
    if (!channels.area().any_tissue(tile.core)) return;
    const ChannelWindow seen = channels.read(inner, tile.core, wanted);
    const std::vector<Rect> tissue = channels.area().tissue(tile.core);
    for (std::size_t r = 0; r < regions.size(); ++r)
      counts[r] += count_keys(seen.planes[0], tile.core, tissue, *regions[r], least_key);
  });
  return {counts.begin(), counts.end()};
}

}  // namespace hexaplex
