#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/intensity/unmix_model.h"
#include "kernels/intensity/unmix_pixel.h"
#include "kernels/runtime/pixel_group.h"
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
  const double* to_value;
  int bands;
  int components;
  double offset;
};

/// Rows in use where the tables have `lanes` columns: those beyond hold zeros.
constexpr int rows_of_lanes(int lanes) {
  return lanes < kMaxTabledComponents ? lanes : kMaxTabledComponents;
}

/// A count as a double. A device adds and takes away 2^52 quicker than it converts.
HX_HD inline double exact_double(float v) {
  return static_cast<double>(v);
}
HX_HD inline double exact_double(std::uint16_t v) {
#ifdef __CUDA_ARCH__
  return __hiloint2double(0x43300000, v) - 0x1p52;
#else
  return static_cast<double>(v);
#endif
}

/// @tparam kLanes      columns of the tables
/// @tparam kRowsInUse  at least the model's components
template <int kLanes, int kRowsInUse = rows_of_lanes(kLanes)>
struct TabledPixel {
  static constexpr int kRows = kRowsInUse;

  double c[kRows];         ///< A^T b
  double scale;            ///< max |c|
  double solution[kRows];  ///< M c of the last pivot
  float written[kRows];

  template <class T>
  HX_HD void correlate(const TabledModel& m, const Plane<const T>* bands, int x, int y) {
    for (int l = 0; l < kRows; ++l) c[l] = 0;
    for (int b = 0; b < m.bands; ++b) add_band(m.library + b * kLanes, exact_double(bands[b](x, y)) - m.offset);
  }
  HX_HD void add_band(const double* of_band, double counts) {
    double row[kRows];
    load_column(of_band, row);
    for (int l = 0; l < kRows; ++l) c[l] += row[l] * counts;
  }
  HX_HD void find_scale() {
    scale = 0;
    for (int l = 0; l < kRows; ++l) {
      const double magnitude = c[l] < 0 ? -c[l] : c[l];
      scale = magnitude > scale ? magnitude : scale;
    }
  }

  /// kRows numbers from a place that is a multiple of kLanes in a table.
  HX_HD static void load_column(const double* column, double (&out)[kRows]) {
    static_assert(kRows <= kLanes);
    for (int l = 0; l < kRows; l += 2) {  // lanes are even: a row too many may be read
      PixelGroup<double, 2> pair;
#ifdef __CUDA_ARCH__
      pair = *reinterpret_cast<const PixelGroup<double, 2>*>(column + l);
#else
      std::memcpy(&pair, column + l, sizeof pair);
#endif
      out[l] = pair[0];
      if (l + 1 < kRows) out[l + 1] = pair[1];
    }
  }

  /// out = M v for a matrix stored by columns: `multiply`, in registers.
  HX_HD static void multiply_rows(const double* columns, const double (&v)[kRows], int components,
                                  double (&out)[kRows]) {
    for (int l = 0; l < kRows; ++l) out[l] = 0;
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
    for (int j = 0; j < kRows; ++j) {
      if (j >= components) continue;
      double column[kRows];
      load_column(columns + j * kLanes, column);
      for (int l = 0; l < kRows; ++l) out[l] += column[l] * v[j];
    }
  }

  HX_HD void solve(const TabledModel& m, std::uint32_t passive) {
    multiply_rows(m.pivots + static_cast<std::int64_t>(passive) * m.components * kLanes, c, m.components, solution);
  }

  /// Rows of the solution that are negative, a bit each.
  HX_HD std::uint32_t negative_rows() const {
    const double limit = -kFeasibility * scale;
    std::uint32_t negative = 0;
    for (int l = 0; l < kRows; ++l) negative |= solution[l] < limit ? 1u << l : 0u;
    return negative;
  }

  HX_HD void write(const TabledModel& m, std::uint32_t passive) {
    for (int l = 0; l < kRows; ++l)
      written[l] = written_value(solution[l], (passive >> l & 1u) != 0 ? m.to_value[l] : 0.0);
  }

  /// Violation of the optimality conditions by the values written, over `scale`.
  HX_HD double relative_violation(const double* gram, int components) const {
    double x[kRows], product[kRows];
    for (int l = 0; l < kRows; ++l) x[l] = written[l];
    multiply_rows(gram, x, components, product);
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
      const double worst = relative_violation(m.gram, m.components);
      if (least >= 0 && worst >= least) continue;
      least = worst;
      for (int l = 0; l < kRows; ++l) best[l] = written[l];
    }
    for (int l = 0; l < kRows; ++l) written[l] = best[l];
    return least;
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
