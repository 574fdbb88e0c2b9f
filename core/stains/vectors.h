#pragma once

#include <array>

#include "kernels/intensity/stain_vector.h"

namespace hexaplex {

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
