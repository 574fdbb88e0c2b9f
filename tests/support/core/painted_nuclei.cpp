#include "tests/support/core/painted_nuclei.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace hexaplex::testing {

namespace {
double uniform(std::mt19937& random) {
  return random() / 4294967296.0;
}
}  // namespace

PaintedNuclei paint(Extent extent, const std::vector<PaintedDisc>& discs, unsigned seed) {
  PaintedNuclei out{HostPlane<float>(extent), Labels(extent, 0), 0};
  std::mt19937 random(seed);
  for (std::int64_t i = 0; i < extent.area(); ++i) out.image.data()[i] = static_cast<float>(40 + 20 * uniform(random));
  Labels drawn(extent, 0);
  for (std::size_t k = 0; k < discs.size(); ++k) {
    const PaintedDisc& d = discs[k];
    const int reach = static_cast<int>(d.radius) + 3;
    for (int y = std::max(0, static_cast<int>(d.y) - reach);
         y < std::min(extent.height, static_cast<int>(d.y) + reach + 1); ++y)
      for (int x = std::max(0, static_cast<int>(d.x) - reach);
           x < std::min(extent.width, static_cast<int>(d.x) + reach + 1); ++x) {
        const double r = std::hypot(x - d.x, y - d.y);
        // The edge falls over three pixels, and the middle is a little brighter than the rim.
        const double share = std::clamp((d.radius + 1.5 - r) / 3, 0.0, 1.0) * (1 - 0.2 * r * r / (d.radius * d.radius));
        out.image(x, y) =
            std::max(out.image(x, y), static_cast<float>(d.level * share * (0.97 + 0.06 * uniform(random))));
        if (r <= d.radius && drawn(x, y) == 0) drawn(x, y) = static_cast<std::uint32_t>(k + 1);
      }
  }
  std::vector<std::uint32_t> name(discs.size() + 1, 0);
  for (std::int64_t i = 0; i < extent.area(); ++i)
    if (const std::uint32_t k = drawn.data()[i]; k != 0) {
      if (name[k] == 0) name[k] = ++out.count;
      out.truth.data()[i] = name[k];
    }
  return out;
}

PaintedNuclei paint_field(Extent extent, double pitch, double radius, double spread, unsigned seed) {
  std::mt19937 random(seed);
  const auto vary = [&](double by) { return 1 + spread * by * (2 * uniform(random) - 1); };
  std::vector<PaintedDisc> discs;
  int row = 0;
  for (double y = 0.7 * pitch; y < extent.height - radius; y += 0.9 * pitch, ++row)
    for (double x = (row % 2 == 0 ? 0.7 : 1.2) * pitch; x < extent.width - radius; x += pitch)
      discs.push_back({x * 1.0 + (vary(1) - 1) * 0.2 * pitch, y + (vary(1) - 1) * 0.2 * pitch, radius * vary(0.2),
                       1000 * vary(0.5)});
  return paint(extent, discs, seed + 1);
}

}  // namespace hexaplex::testing
