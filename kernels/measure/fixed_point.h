#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/runtime/host_device.h"

namespace hexaplex {

/// Fixed point of one channel: a value v counts as the integer nearest to v * 2^bits (ties to even), at most 2^36 in
/// magnitude. Sums of such integers do not depend on their order.
///
/// `bits` is 36 minus the exponent of the channel's largest magnitude, so values keep 36 bits below the largest: what
/// is above 2^-12 of it keeps all 24 bits of a float. It is never negative below 2^36, so integers stay exact.
struct FixedPoint {
  int bits = 0;
  double scale = 1;    ///< 2^bits
  double unscale = 1;  ///< 2^-bits
};

inline constexpr int kFixedPointBits = 36;

/// 2^exponent, |exponent| <= 1000.
inline double power_of_two(int exponent) {
  const std::uint64_t pattern = static_cast<std::uint64_t>(exponent + 1023) << 52;
  double value;
  std::memcpy(&value, &pattern, sizeof value);
  return value;
}

/// The fixed point of a channel whose values lie within +-largest_magnitude (finite).
inline FixedPoint fixed_point_for(float largest_magnitude) {
  std::uint32_t pattern;
  std::memcpy(&pattern, &largest_magnitude, sizeof pattern);
  pattern &= 0x7fffffffu;
  if (pattern == 0) return {};
  // largest < 2^exponent; below the smallest normal float the exponent stays put.
  const int exponent = static_cast<int>(pattern >> 23) - 126;
  const int bits = kFixedPointBits - exponent;
  return {bits, power_of_two(bits), power_of_two(-bits)};
}

/// v as a whole number of 2^-bits, exact in the returned double. Adding and taking away 1.5 * 2^52 rounds to the
/// nearest integer without a conversion, which every ISA level can do in vectors.
HX_HD inline double to_fixed(float v, double scale) {
  constexpr double kRound = 6755399441055744.0;
  return (static_cast<double>(v) * scale + kRound) - kRound;
}

}  // namespace hexaplex
