#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/runtime/host_device.h"

// The arithmetic of unmix_residual.h, once for every backend.

namespace hexaplex::detail {

inline constexpr double kMostQuanta = 0x1p27;  // the squares of 128 pixels then fit 62 bits
inline constexpr double kMostFloatQuanta = 0x1p52;

/// A value as a whole number of quanta, for 16-bit counts.
[[gnu::always_inline]] HX_HD inline std::int64_t whole_quanta(double value, double per_quantum) {
  double q = value * per_quantum;
  q = q < -kMostQuanta ? -kMostQuanta : (q > kMostQuanta ? kMostQuanta : q);
  return static_cast<std::int32_t>(q + (q < 0 ? -0.5 : 0.5));
}

/// The magnitude of the same, for floats of any scale.
[[gnu::always_inline]] HX_HD inline std::uint64_t whole_float_quanta(double value, double per_quantum) {
  const double q = (value < 0 ? -value : value) * per_quantum + 0.5;
  return static_cast<std::uint64_t>(q < kMostFloatQuanta ? q : kMostFloatQuanta);
}

/// |b - A x| / |b| from the sums of squares; 0 where b = 0.
[[gnu::always_inline]] HX_HD inline float relative_residual(double residual_squares, double signal_squares) {
  const double ratio = residual_squares / (signal_squares > 0 ? signal_squares : 1.0);
  return signal_squares > 0 ? static_cast<float>(sqrt(ratio)) : 0.0f;
}

}  // namespace hexaplex::detail
