#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/intensity/unmix_model.h"
#include "kernels/intensity/unmix_pixel.h"
#include "kernels/runtime/plane.h"

// Non-negative unmixing of one pixel by a thread of its own, for models with a table of passive sets. The arithmetic of
// the CPU's blocks (unmix_non_negative.cpp), step by step; what differs is where numbers lie: every array here is
// indexed by numbers known to the compiler, so that a device keeps it in registers.

namespace hexaplex::detail {

/// A model's tables where the kernels of a queue can read them.
struct TabledModel {
  const double* library;
  const double* gram;
  const double* pivots;
  const double* pivot_values;
  int bands;
  int components;
  double offset;
};

/// Rows in use where the tables have `lanes` columns: those beyond hold zeros.
constexpr int rows_of_lanes(int lanes) {
  return lanes < kMaxTabledComponents ? lanes : kMaxTabledComponents;
}

template <int kLanes>
struct TabledPixel {
  static constexpr int kRows = rows_of_lanes(kLanes);

  double c[kRows];         ///< A^T b
  double scale;            ///< max |c|
  double solution[kRows];  ///< M c of the last pivot
  float written[kRows];

  template <class T>
  HX_HD void correlate(const TabledModel& m, const Plane<const T>* bands, int x, int y) {
    for (int l = 0; l < kRows; ++l) c[l] = 0;
    for (int b = 0; b < m.bands; ++b) {
      const double counts = static_cast<double>(bands[b](x, y)) - m.offset;
      const double* row = m.library + b * kLanes;
      for (int l = 0; l < kRows; ++l) c[l] += row[l] * counts;
    }
    scale = 0;
    for (int l = 0; l < kRows; ++l) {
      const double magnitude = c[l] < 0 ? -c[l] : c[l];
      scale = magnitude > scale ? magnitude : scale;
    }
  }

  /// out = M v for a matrix stored by columns: `multiply`, in registers.
  HX_HD static void multiply_rows(const double* columns, const double (&v)[kRows], int components,
                                  double (&out)[kRows]) {
    for (int l = 0; l < kRows; ++l) out[l] = 0;
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
    for (int j = 0; j < kRows; ++j)
      if (j < components)
        for (int l = 0; l < kRows; ++l) out[l] += columns[j * kLanes + l] * v[j];
  }

  HX_HD void solve(const TabledModel& m, std::uint32_t passive) {
    multiply_rows(m.pivots + static_cast<std::int64_t>(passive) * m.components * kLanes, c, m.components, solution);
  }

  /// The passive set that leaves no row negative. False where the rounds did not suffice.
  HX_HD bool pivot(const TabledModel& m, std::uint32_t& passive, int& rounds) {
    PivotState state = first_passive_set(m.components);
    const double limit = -kFeasibility * scale;
    for (rounds = 0; rounds < kMaxRounds;) {
      solve(m, state.passive);
      ++rounds;
      std::uint32_t negative = 0;
      int count = 0;
      for (int l = 0; l < kRows; ++l) {
        const bool below = solution[l] < limit;
        negative |= below ? 1u << l : 0u;
        count += below;
      }
      passive = state.passive;
      if (negative == 0) return true;
      next_passive_set(state, negative, count);
    }
    return false;
  }

  HX_HD void write(const TabledModel& m, std::uint32_t passive) {
    const double* to_value = m.pivot_values + static_cast<std::int64_t>(passive) * kLanes;
    for (int l = 0; l < kRows; ++l) written[l] = written_value(solution[l], to_value[l]);
  }

  /// Violation of the optimality conditions by the values written, over `scale`.
  HX_HD double relative_violation(const TabledModel& m) const {
    double x[kRows], product[kRows];
    for (int l = 0; l < kRows; ++l) x[l] = written[l];
    multiply_rows(m.gram, x, m.components, product);
    double largest = 0;
    for (int l = 0; l < kRows; ++l) {
      const double v = violation(c[l] - product[l], x[l]);
      largest = v > largest ? v : largest;
    }
    return scale > 0 ? largest / scale : 0.0;
  }

  /// Writes the passive set whose values violate the conditions least, the first of equals; gives that violation.
  HX_HD double search_all_sets(const TabledModel& m) {
    float best[kRows] = {};
    double least = -1;
    for (std::uint32_t passive = 0; passive < 1u << m.components; ++passive) {
      solve(m, passive);
      write(m, passive);
      const double worst = relative_violation(m);
      if (least >= 0 && worst >= least) continue;
      least = worst;
      for (int l = 0; l < kRows; ++l) best[l] = written[l];
    }
    for (int l = 0; l < kRows; ++l) written[l] = best[l];
    return least;
  }

  /// To the planes that are wanted.
  HX_HD void store(const TabledModel& m, const Plane<float>* components, int x, int y) const {
    for (int l = 0; l < kRows; ++l)
      if (l < m.components && components[l].data != nullptr) components[l](x, y) = written[l];
  }
};

/// The bits of a number that is not negative sort like the number.
HX_HD inline std::uint64_t ordered_bits(double not_negative) {
  std::uint64_t bits;
#ifdef __CUDA_ARCH__
  bits = static_cast<std::uint64_t>(__double_as_longlong(not_negative));
#else
  std::memcpy(&bits, &not_negative, sizeof bits);
#endif
  return bits;
}

inline double of_ordered_bits(std::uint64_t bits) {
  double v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}

}  // namespace hexaplex::detail
