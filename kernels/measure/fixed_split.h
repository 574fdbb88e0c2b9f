#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/measure/fixed_point.h"

namespace hexaplex::detail {

/// to_fixed as two whole numbers, in floats alone: a device has many more multipliers of those than of doubles.
///
/// A power of two scales exactly (what underflows is far below a half, and counts as 0 either way). Taking away the
/// nearest multiple of 2^18 leaves no more digits than a float has, and does not change whether a number is even, so
/// that the rest rounds as the whole does, ties to even included.
struct FixedSplit {
  float scale_once, scale_again;  ///< 2^bits, in two factors: the least normal numbers need 2^162

  static constexpr int kLowBits = 18;

  static FixedSplit of(const FixedPoint& fixed) {
    const int half = fixed.bits / 2;
    return {static_cast<float>(power_of_two(half)), static_cast<float>(power_of_two(fixed.bits - half))};
  }

  struct Parts {
    std::int32_t high;  ///< at most 2^18 in magnitude
    std::int32_t low;   ///< at most 2^17
  };
  /// high * 2^18 + low is to_fixed(v).
  HX_HD Parts split(float v) const {
    constexpr float kStep = 262144.0f;
    const float scaled = v * scale_once * scale_again;
    const Rounded high = rounded(scaled * (1.0f / kStep));
    const Rounded low = rounded(scaled - high.value * kStep);
    return {high.whole, low.whole};
  }

 private:
  struct Rounded {
    float value;
    std::int32_t whole;
  };
  /// The nearest integer of a number below 2^22, which ends up in the last digits of the sum.
  HX_HD static Rounded rounded(float v) {
    constexpr float kRound = 12582912.0f;  // 1.5 * 2^23
    constexpr std::int32_t kBits = 0x4b400000;
    const float sum = v + kRound;
    std::int32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return {sum - kRound, bits - kBits};
  }
};

}  // namespace hexaplex::detail
