#include "core/bench/crowded_field.h"

#include <algorithm>
#include <cmath>

namespace hexaplex {

HostPlane<float> crowded_field(Extent extent, double nucleus_px) {
  HostPlane<float> out(extent);
  std::uint32_t state = 1;
  const auto random = [&] { return ((state = state * 1664525u + 1013904223u) >> 8) / 16777216.0; };
  for (std::int64_t i = 0; i < extent.area(); ++i) out.data()[i] = static_cast<float>(40 + 20 * random());
  const double radius = nucleus_px / 2;
  const int reach = static_cast<int>(radius) + 3;
  for (double cy = radius; cy < extent.height; cy += 0.9 * nucleus_px)
    for (double cx = radius; cx < extent.width; cx += nucleus_px) {
      const double x0 = cx + 0.3 * nucleus_px * (random() - 0.5), y0 = cy + 0.3 * nucleus_px * (random() - 0.5);
      const double r = radius * (0.85 + 0.3 * random()), level = 500 + 1000 * random();
      for (int y = std::max(0, static_cast<int>(y0) - reach); y < std::min(extent.height, static_cast<int>(y0) + reach);
           ++y)
        for (int x = std::max(0, static_cast<int>(x0) - reach);
             x < std::min(extent.width, static_cast<int>(x0) + reach); ++x) {
          const double share =
              std::clamp((r + 1.5 - std::sqrt((x - x0) * (x - x0) + (y - y0) * (y - y0))) / 3, 0.0, 1.0);
          out(x, y) = std::max(out(x, y), static_cast<float>(level * share));
        }
    }
  return out;
}

}  // namespace hexaplex
