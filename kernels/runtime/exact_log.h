#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/runtime/host_device.h"

namespace hexaplex::detail {

/// ln 2 in two parts: the upper 33 bits, so that small multiples are exact, and the rest.
inline constexpr double kLn2High = 6.93147180369123816490e-01;
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

/// exact_log of numerics.h, where it is certain that x is positive and finite: device code cannot throw.
HX_HD inline double log_of_positive(double x) {
  int exponent = 0;
  if (x < 0x1p-1000) x *= 0x1p200, exponent -= 200;  // subnormal numbers
  std::uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  exponent += static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull;
  double m;
  memcpy(&m, &bits, sizeof m);
  if (m > 1.4142135623730951) m *= 0.5, ++exponent;
  const double t = (m - 1) / (m + 1), t2 = t * t;
  double sum = 0;
  for (int k = 25; k >= 1; k -= 2) sum = sum * t2 + 1.0 / k;  // |t| <= 0.1716: t^26 is below 1e-19
  return exponent * kLn2High + (2 * t * sum + exponent * kLn2Low);
}

}  // namespace hexaplex::detail
