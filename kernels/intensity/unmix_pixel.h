#pragma once

#include <cstdint>

#include "kernels/runtime/host_device.h"

// The arithmetic of unmixing, once for every backend. Every sum is taken in the order written, without contraction;
// loops over lanes have no order, because lanes do not meet: "omp simd" asks for one component per lane of a register.

namespace hexaplex::detail {

/// A row counts as negative below this fraction of max |A^T b|: half a unit of float32, since the result is float32,
/// and above the rounding of the pivot matrices (1e-8 at condition number 10,000).
inline constexpr double kFeasibility = 0x1p-23;
/// Rounds before a pixel is handed to the exhaustive search. Pivoting takes 2 to 3, and rarely more than 8.
inline constexpr int kMaxRounds = 48;
/// A pixel whose written values violate the optimality conditions by more than this is searched exhaustively.
inline constexpr double kRetryViolation = 0x1p-19;

/// One band's part of a least-squares abundance.
[[gnu::always_inline]] HX_HD inline float add_weighted(float sum, float weight, float counts) {
  return sum + weight * counts;
}

/// out = M c for a matrix stored by columns.
template <int kLanes>
[[gnu::always_inline]] HX_HD inline void multiply(const double* columns, const double* c, int components, double* out) {
  alignas(64) double sum[kLanes] = {};
  for (int j = 0; j < components; ++j) {
    const double v = c[j];
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) sum[l] += columns[j * kLanes + l] * v;
  }
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) out[l] = sum[l];
}

/// Where block principal pivoting stands for one pixel.
struct PivotState {
  std::uint32_t passive;  ///< components that may be positive
  std::int32_t fewest;    ///< least number of negative rows so far
  std::int32_t patience;  ///< full exchanges still allowed without progress
};

/// Starts with every component in the passive set: the plain least-squares solution.
[[gnu::always_inline]] HX_HD inline PivotState first_passive_set(int components) {
  return {static_cast<std::uint32_t>((std::uint64_t{1} << components) - 1), components + 1, 3};
}

/// Exchanges all negative rows as long as that makes progress (or 3 times without), else the least one alone, which is
/// Murty's rule and ends after finitely many steps. `count` is the number of bits in `negative`, which is not 0.
[[gnu::always_inline]] HX_HD inline void next_passive_set(PivotState& s, std::uint32_t negative, int count) {
  const bool progress = count < s.fewest;
  const bool block = progress || s.patience > 0;
  s.patience = progress ? 3 : (s.patience > 0 ? s.patience - 1 : 0);
  s.fewest = progress ? count : s.fewest;
  s.passive ^= block ? negative : (negative & (0u - negative));
}

/// The abundance written for a solution row; `to_value` is 0 outside the passive set.
[[gnu::always_inline]] HX_HD inline float written_value(double row, double to_value) {
  const float x = static_cast<float>(row * to_value);  // rounded first: a choice after that needs no branch
  return x > 0 ? x : 0.0f;
}

/// Violation of the optimality conditions by one component: gradient g = (A^T (b - A x))_i.
[[gnu::always_inline]] HX_HD inline double violation(double gradient, double x) {
  const double magnitude = gradient < 0 ? -gradient : gradient;
  return x > 0 ? magnitude : (gradient > 0 ? gradient : 0.0);
}

}  // namespace hexaplex::detail
