#include "core/stains/densities.h"

#include <algorithm>

#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

constexpr double kNoiseSteps = 1.5, kLeastDensity = 0.1, kBurntOut = 253, kBlack = 3;

}  // namespace

std::vector<Density> densities_of(const std::vector<Colour>& colours, const StainVector& white) {
  std::vector<Density> out;
  double all = 0;
  for (const Colour& c : colours) {
    const auto [low, high] = std::minmax_element(c.mean.begin(), c.mean.end());
    if (*low <= kBlack || *high >= kBurntOut) continue;
    Density d;
    d.pixels = c.pixels;
    double squares = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      d.od[b] = (exact_log(white[b]) - exact_log(c.mean[b])) / kLn10;
      const double step = kNoiseSteps / (kLn10 * c.mean[b]);
      squares += step * step;
    }
    d.noise = std::sqrt(squares / 3);
    const double density = length(d.od);
    if (density > kLeastDensity) d.weight = d.pixels * density;
    all += d.weight;
    out.push_back(d);
  }
  for (Density& d : out)
    if (all > 0) d.weight /= all;
  return out;
}

Axes axes_of(const std::vector<Density>& colours) {
  Moments m{};
  for (const Density& d : colours)
    if (d.weight > 0) add_moment(m, d.pixels, d.od);
  Axes axes = axes_of(m);
  StainVector& first = axes.vectors[0];
  if (first[0] + first[1] + first[2] < 0) first = -1.0 * first;
  return axes;
}

}  // namespace hexaplex
