#pragma once

#include <array>
#include <cmath>

#include "kernels/intensity/deconvolve_stains.h"

// Vectors of three colours. Angles are told by their cosines, which need no function but the root.

namespace hexaplex {

inline StainVector operator+(const StainVector& a, const StainVector& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
inline StainVector operator-(const StainVector& a, const StainVector& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
inline StainVector operator*(double f, const StainVector& v) {
  return {f * v[0], f * v[1], f * v[2]};
}
inline double dot(const StainVector& a, const StainVector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline StainVector cross(const StainVector& a, const StainVector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
inline double length(const StainVector& v) {
  return std::sqrt(dot(v, v));
}
/// v must not be 0.
inline StainVector unit(const StainVector& v) {
  return 1 / length(v) * v;
}

/// A symmetric matrix of second moments.
using Moments = std::array<StainVector, 3>;

/// Adds w v v^T.
inline void add_moment(Moments& m, double w, const StainVector& v) {
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) m[i][j] += w * v[i] * v[j];
}

/// Eigenvalues in descending order, and their unit vectors.
struct Axes {
  std::array<double, 3> values{};
  std::array<StainVector, 3> vectors{};
};

/// Source: C. G. J. Jacobi's rotations, in a fixed order
Axes axes_of(Moments m);

}  // namespace hexaplex
