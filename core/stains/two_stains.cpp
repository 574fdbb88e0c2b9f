#include <algorithm>
#include <numeric>

#include "core/stains/estimate.h"

namespace hexaplex {

namespace {

constexpr double kNoise = 2;                                  // standard deviations that prove nothing
constexpr double kCounterstainEnd = 0.01, kOtherEnd = 0.002;  // share of the stain beyond an end
constexpr double kOneStain = 0.98480775301220802;             // cos 10 degrees

// The direction beyond which `share` of the stain lies, on one side of the first axis.
StainVector end_of(const std::vector<Density>& colours, const Axes& axes, double side, double share) {
  struct Slope {
    double value, weight;
  };
  std::vector<Slope> slopes;
  for (const Density& d : colours) {
    if (!(d.weight > 0)) continue;
    const double along = std::max(dot(d.od, axes.vectors[0]), 1e-6), across = dot(d.od, axes.vectors[1]);
    slopes.push_back({(side * across - kNoise * d.noise) / along, d.weight});
  }
  std::stable_sort(slopes.begin(), slopes.end(), [](const Slope& a, const Slope& b) { return a.value > b.value; });
  double sum = 0, slope = 0;
  for (const Slope& s : slopes) {
    slope = s.value;
    sum += s.weight;
    if (sum >= share) break;
  }
  return unit(axes.vectors[0] + side * slope * axes.vectors[1]);
}

}  // namespace

TwoStains estimate_two_stains(const std::vector<Density>& colours, const std::array<StainVector, 2>& known) {
  const Axes axes = axes_of(colours);
  TwoStains out;
  out.off_plane = axes.values[0] > 0 ? std::sqrt(std::max(axes.values[2], 0.0) / axes.values[0]) : 0;
  const StainVector up = end_of(colours, axes, 1, kOtherEnd), down = end_of(colours, axes, -1, kOtherEnd);
  const bool first_is_up = dot(up, known[0]) + dot(down, known[1]) >= dot(down, known[0]) + dot(up, known[1]);
  out.vectors[0] = end_of(colours, axes, first_is_up ? 1 : -1, kCounterstainEnd);
  out.vectors[1] = first_is_up ? down : up;
  out.spread_cosine = dot(out.vectors[0], out.vectors[1]);
  out.second_is_absent = out.spread_cosine > kOneStain;
  if (out.second_is_absent) out.vectors = {axes.vectors[0], known[1]};
  return out;
}

}  // namespace hexaplex
