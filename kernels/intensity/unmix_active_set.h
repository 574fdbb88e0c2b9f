#pragma once

#include <cmath>

#include "kernels/intensity/unmix_pixel.h"
#include "kernels/runtime/host_device.h"

// Non-negative least squares for libraries too large for a table of passive sets: one pixel at a time, the Gram matrix
// of its passive set factorised anew.

namespace hexaplex::detail {

/// The problem of one pixel: minimise |A x - b| over x >= 0, given G = A^T A [components x lanes] and c = A^T b.
struct PixelProblem {
  const double* gram;
  const double* c;
  const double* to_value;
  int components;
  int lanes;
  double tolerance;  ///< a gradient, or a scaled negative abundance, up to this counts as 0

  HX_HD double g(int i, int j) const { return gram[i * lanes + j]; }
};

/// Most components of such a library, and room for its factors.
inline constexpr int kActiveSetLimit = 32;

/// Least-squares solution over the passive set, 0 elsewhere: Cholesky's factorisation and one step of refinement.
HX_HD inline void solve_passive(const PixelProblem& p, std::uint32_t passive, double* x) {
  int members[kActiveSetLimit];
  int n = 0;
  for (int i = 0; i < p.components; ++i) {
    x[i] = 0;
    if (passive >> i & 1) members[n++] = i;
  }
  double factor[kActiveSetLimit][kActiveSetLimit];
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j) {
      double v = p.g(members[i], members[j]);
      for (int k = 0; k < j; ++k) v -= factor[i][k] * factor[j][k];
      factor[i][j] = i == j ? sqrt(v) : v / factor[j][j];
    }
  for (int step = 0; step < 2; ++step) {
    double y[kActiveSetLimit];
    for (int i = 0; i < n; ++i) {
      double v = p.c[members[i]];
      for (int j = 0; j < n; ++j) v -= p.g(members[i], members[j]) * x[members[j]];
      for (int k = 0; k < i; ++k) v -= factor[i][k] * y[k];
      y[i] = v / factor[i][i];
    }
    for (int i = n - 1; i >= 0; --i) {
      for (int k = i + 1; k < n; ++k) y[i] -= factor[k][i] * y[k];
      y[i] /= factor[i][i];
    }
    for (int i = 0; i < n; ++i) x[members[i]] += y[i];
  }
}

HX_HD inline double gradient(const PixelProblem& p, const double* x, int i) {
  double v = p.c[i];
  for (int j = 0; j < p.components; ++j) v -= p.g(i, j) * x[j];
  return v;
}

/// Block principal pivoting as in the tabled solver. False where it did not end.
HX_HD inline bool pivot_to_optimum(const PixelProblem& p, double* x, std::int64_t& pivots) {
  PivotState state = first_passive_set(p.components);
  for (int round = 0; round < kMaxRounds; ++round) {
    solve_passive(p, state.passive, x);
    ++pivots;
    std::uint32_t negative = 0;
    int count = 0;
    for (int i = 0; i < p.components; ++i) {
      const double row = state.passive >> i & 1 ? x[i] / p.to_value[i] : -gradient(p, x, i);
      if (row < -p.tolerance) {
        negative |= 1u << i;
        ++count;
      }
    }
    if (count == 0) return true;
    next_passive_set(state, negative, count);
  }
  return false;
}

/// Moves x towards the least-squares solution over `passive`, dropping each component that would turn negative, until
/// what is left is that solution. False, with x untouched, where `enter` itself would not grow: rounding.
HX_HD inline bool move_within(const PixelProblem& p, std::uint32_t& passive, int enter, double* x,
                              std::int64_t& pivots) {
  double trial[kActiveSetLimit];
  for (;;) {
    solve_passive(p, passive, trial);
    ++pivots;
    double share = 1;  // of the way from x to trial that stays non-negative
    int leave = -1;
    for (int i = 0; i < p.components; ++i) {
      if (!(passive >> i & 1) || trial[i] > 0) continue;
      if (i == enter && x[i] <= 0) return false;
      const double part = x[i] / (x[i] - trial[i]);
      if (leave < 0 || part < share) {
        share = part;
        leave = i;
      }
    }
    if (leave < 0) break;
    for (int i = 0; i < p.components; ++i) x[i] += share * (trial[i] - x[i]);
    x[leave] = 0;
    for (int i = 0; i < p.components; ++i)
      if (x[i] <= 0) {
        x[i] = 0;
        passive &= ~(1u << i);
      }
    if (passive == 0) return true;
  }
  for (int i = 0; i < p.components; ++i) x[i] = trial[i];
  return true;
}

/// Lawson and Hanson's active sets: the distance falls with every set, so none comes twice and the search ends.
/// Slower than pivoting, and feasible at every step.
HX_HD inline void descend_to_optimum(const PixelProblem& p, double* x, std::int64_t& pivots) {
  std::uint32_t passive = 0, refused = 0;
  for (int i = 0; i < p.components; ++i) x[i] = 0;
  for (int step = 0; step < 64 * p.components; ++step) {
    int enter = -1;
    double steepest = p.tolerance;
    for (int i = 0; i < p.components; ++i) {
      if ((passive | refused) >> i & 1) continue;
      const double slope = gradient(p, x, i);
      if (slope > steepest) {
        steepest = slope;
        enter = i;
      }
    }
    if (enter < 0) return;
    std::uint32_t trial_set = passive | 1u << enter;
    if (move_within(p, trial_set, enter, x, pivots)) {
      passive = trial_set;
      refused = 0;
    } else {
      refused |= 1u << enter;
    }
  }
}

/// Violation of the optimality conditions by the values written, over `scale` = max |c|.
HX_HD inline double untabled_violation(const PixelProblem& p, double scale, const float* written) {
  double x[kActiveSetLimit];
  for (int i = 0; i < p.components; ++i) x[i] = written[i];
  double worst = 0;
  for (int i = 0; i < p.components; ++i) {
    const double v = violation(gradient(p, x, i), x[i]);
    worst = worst < v ? v : worst;
  }
  return scale > 0 ? worst / scale : 0.0;
}

HX_HD inline void write_untabled(const PixelProblem& p, const double* x, float* written) {
  for (int i = 0; i < p.components; ++i) written[i] = static_cast<float>(x[i] > 0 ? x[i] : 0.0);
}

struct UntabledResult {
  double violation;
  bool fell_back;
};

/// One pixel: pivoting, and where rounding keeps that from ending well, active sets.
[[gnu::always_inline]] HX_HD inline UntabledResult solve_untabled(const PixelProblem& p, double scale, float* written,
                                                                  std::int64_t& pivots) {
  double x[kActiveSetLimit];
  const bool ended = pivot_to_optimum(p, x, pivots);
  write_untabled(p, x, written);
  const double worst = untabled_violation(p, scale, written);
  if (ended && !(worst > kRetryViolation)) return {worst, false};
  descend_to_optimum(p, x, pivots);
  write_untabled(p, x, written);
  return {untabled_violation(p, scale, written), true};
}

}  // namespace hexaplex::detail
