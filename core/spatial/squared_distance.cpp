#include "core/spatial/squared_distance.h"

#include <algorithm>
#include <vector>

#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr std::int32_t kFar = 1 << 29;  // more rows than an image has

// Distance of each pixel to the nearest seed of its column.
void scan_columns(Plane<const std::uint8_t> seeds, int first, int last, Plane<std::int32_t> g) {
  const int height = seeds.height();
  for (int x = first; x < last; ++x) g(x, 0) = seeds(x, 0) != 0 ? 0 : kFar;
  for (int y = 1; y < height; ++y)
    for (int x = first; x < last; ++x) g(x, y) = seeds(x, y) != 0 ? 0 : std::min(kFar, g(x, y - 1) + 1);
  for (int y = height - 2; y >= 0; --y)
    for (int x = first; x < last; ++x) g(x, y) = std::min(g(x, y), g(x, y + 1) + 1);
}

// A row: the lower envelope of the parabolas (x - i)^2 + g(i)^2 of its columns that have a seed.
void scan_row(const std::int32_t* g, int width, std::vector<std::int32_t>& site, std::vector<std::int64_t>& from,
              std::int32_t* out) {
  int last = -1;
  const auto value = [&](std::int64_t x, std::int32_t i) { return (x - i) * (x - i) + std::int64_t{g[i]} * g[i]; };
  for (int x = 0; x < width; ++x) {
    if (g[x] >= kFar) continue;
    // The last parabola is hidden where this one is no higher at its first pixel.
    while (last >= 0 && value(from[static_cast<std::size_t>(last)], site[static_cast<std::size_t>(last)]) >
                            value(from[static_cast<std::size_t>(last)], x))
      --last;
    std::int64_t begins = 0;
    if (last >= 0) {
      const std::int32_t i = site[static_cast<std::size_t>(last)];
      const std::int64_t rise =
          std::int64_t{x} * x - std::int64_t{i} * i + std::int64_t{g[x]} * g[x] - std::int64_t{g[i]} * g[i];
      const std::int64_t step = 2 * (std::int64_t{x} - i);
      begins = rise / step + 1;  // the two meet at or after the first pixel of the last
      if (begins >= width) continue;
    }
    ++last;
    site[static_cast<std::size_t>(last)] = x;
    from[static_cast<std::size_t>(last)] = begins;
  }
  if (last < 0) return static_cast<void>(std::fill_n(out, width, kNoSeed));
  for (int x = width - 1; x >= 0; --x) {
    while (last > 0 && x < from[static_cast<std::size_t>(last)]) --last;
    out[x] =
        static_cast<std::int32_t>(std::min<std::int64_t>(value(x, site[static_cast<std::size_t>(last)]), kNoSeed - 1));
  }
}

}  // namespace

HostPlane<std::int32_t> squared_distance(const CpuQueue& q, Plane<const std::uint8_t> seeds) {
  HostPlane<std::int32_t> out(seeds.extent);
  if (seeds.extent.empty()) return out;
  HostPlane<std::int32_t> g(seeds.extent);
  for_each_band(q, seeds.width(), 64, [&](std::int64_t begin, std::int64_t end) {
    scan_columns(seeds, static_cast<int>(begin), static_cast<int>(end), g.view());
  });
  for_each_band(q, seeds.height(), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int32_t> site(static_cast<std::size_t>(seeds.width()));
    std::vector<std::int64_t> from(site.size());
    for (int y = static_cast<int>(begin); y < end; ++y)
      scan_row(g.view().row(y), seeds.width(), site, from, out.view().row(y));
  });
  return out;
}

}  // namespace hexaplex
