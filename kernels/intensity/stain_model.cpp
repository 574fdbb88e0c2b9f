#include "kernels/intensity/deconvolve_stains.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

// Below this volume of the three unit vectors, a step of the camera becomes tens of steps of a stain.
constexpr double kSmallestVolume = 0.01;

}  // namespace

StainModel make_stain_model(std::span<const StainVector> stains, const StainVector& white) {
  HX_EXPECT(!stains.empty() && stains.size() <= 3, "one to three stains can be told apart in red, green and blue");
  std::array<StainVector, 3> v{};
  for (std::size_t s = 0; s < stains.size(); ++s) {
    const StainVector& given = stains[s];
    for (const double od : given) HX_EXPECT(od > -1e6 && od < 1e6, "a stain's densities must be finite");
    HX_EXPECT(given[0] + given[1] + given[2] > 1e-6, "a stain takes light away: its densities must be above 0 in sum");
    v[s] = unit(given);
  }
  for (const double w : white) HX_EXPECT(w >= 1 && w <= 255, "white must lie in 1..255");
  StainModel model;
  model.stains = static_cast<int>(stains.size());
  const auto set_weights = [&](std::size_t s, const StainVector& direction, double scale) {
    for (std::size_t b = 0; b < 3; ++b) model.weights[s][b] = static_cast<float>(direction[b] / scale);
  };
  if (stains.size() == 1) set_weights(0, v[0], 1);
  if (stains.size() >= 2) {
    // The amount of a stain is what a vector at right angles to the others sees of a density.
    const StainVector third = cross(v[0], v[1]);
    HX_EXPECT(dot(third, third) > kSmallestVolume * kSmallestVolume, "two stains have nearly the same vector");
    if (stains.size() == 2) v[2] = unit(third);
    const double volume = dot(v[0], cross(v[1], v[2]));
    HX_EXPECT(volume > kSmallestVolume || volume < -kSmallestVolume,
              "the three stains lie in a plane: one is a mixture of the others");
    for (std::size_t s = 0; s < stains.size(); ++s) set_weights(s, cross(v[(s + 1) % 3], v[(s + 2) % 3]), volume);
  }
  for (std::size_t b = 0; b < 3; ++b)
    for (int value = 0; value < kStainLevels; ++value)
      model.density.push_back(static_cast<float>((exact_log(white[b]) - exact_log(value > 0 ? value : 0.5)) / kLn10));
  return model;
}

}  // namespace hexaplex
