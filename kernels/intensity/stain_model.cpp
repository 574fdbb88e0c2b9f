#include <cmath>

#include "kernels/intensity/deconvolve_stains.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

// Below this volume of the three unit vectors, a step of the camera becomes tens of steps of a stain.
constexpr double kSmallestVolume = 0.01;
constexpr double kLn10 = 2.302585092994045684;

StainVector cross(const StainVector& a, const StainVector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double dot(const StainVector& a, const StainVector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

StainVector unit(const StainVector& v) {
  const double norm = std::sqrt(dot(v, v));
  return {v[0] / norm, v[1] / norm, v[2] / norm};
}

}  // namespace

StainModel make_stain_model(std::span<const StainVector> stains, const StainVector& white) {
  HX_EXPECT(stains.size() == 2 || stains.size() == 3, "two or three stains can be told apart in red, green and blue");
  std::array<StainVector, 3> v{};
  for (std::size_t s = 0; s < stains.size(); ++s) {
    for (const double od : stains[s]) HX_EXPECT(od >= 0 && od < 1e6, "a stain takes light away: no negative density");
    HX_EXPECT(dot(stains[s], stains[s]) > 1e-12, "a stain that takes no light away cannot be seen");
    v[s] = unit(stains[s]);
  }
  for (const double w : white) HX_EXPECT(w >= 1 && w <= 255, "white must lie in 1..255");
  // The amount of a stain is what a vector at right angles to the others sees of a density.
  StainVector third = cross(v[0], v[1]);
  HX_EXPECT(dot(third, third) > kSmallestVolume * kSmallestVolume, "two stains have nearly the same vector");
  if (stains.size() == 2) v[2] = unit(third);
  const double volume = dot(v[0], cross(v[1], v[2]));
  HX_EXPECT(volume > kSmallestVolume || volume < -kSmallestVolume,
            "the three stains lie in a plane: one is a mixture of the others");
  StainModel model;
  model.stains = static_cast<int>(stains.size());
  for (int s = 0; s < model.stains; ++s) {
    const StainVector across = cross(v[static_cast<std::size_t>(s + 1) % 3], v[static_cast<std::size_t>(s + 2) % 3]);
    for (std::size_t b = 0; b < 3; ++b)
      model.weights[static_cast<std::size_t>(s)][b] = static_cast<float>(across[b] / volume);
  }
  for (std::size_t b = 0; b < 3; ++b)
    for (int value = 0; value < kStainLevels; ++value)
      model.density.push_back(static_cast<float>((exact_log(white[b]) - exact_log(value > 0 ? value : 0.5)) / kLn10));
  return model;
}

}  // namespace hexaplex
