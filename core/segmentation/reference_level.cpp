#include "core/segmentation/reference_level.h"

#include <algorithm>

#include "kernels/intensity/quantise.h"

namespace hexaplex {

float reference_level(const Histogram16& keys) {
  if (total(keys) == 0) return 1e-9f;
  const auto key = static_cast<std::uint16_t>(quantile(keys, 0.995));
  const float low = float_of_key(key), high = key == 65535 ? low : float_of_key(static_cast<std::uint16_t>(key + 1));
  // A channel without light has no level; any positive number then gives an empty image.
  return std::max(low + (high - low) / 2, 1e-9f);
}

float background_level(const Histogram16& keys) {
  constexpr double kShare = 0.25;
  Histogram16 stained = keys;
  std::fill_n(stained.begin(), float_key(kStainedLevel), std::int64_t{0});
  if (total(stained) == 0) return 0;
  return float_of_key(static_cast<std::uint16_t>(quantile(stained, kShare)));
}

float nuclear_scale(float reference_level) {
  return static_cast<float>(kLogReference) / reference_level;
}

float wall_scale(float reference_level) {
  return static_cast<float>(1 << kLogFractionBits) / reference_level;
}

}  // namespace hexaplex
