#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hexaplex {

/// Most components a library may have: passive sets are masks of 32 bits.
inline constexpr int kMaxComponents = 32;
/// Up to this many components every passive set has its solution matrix in a table (1.3 MB at most); above, each pixel
/// factorises its own.
inline constexpr int kMaxTabledComponents = 10;

/// What per-pixel unmixing needs, computed once on the host by + - * / sqrt in a fixed order, so that every backend
/// reads the same numbers. A is the library, G = A^T A its Gram matrix, b the counts of a pixel after the offset.
struct UnmixModel {
  int bands = 0;
  int components = 0;
  int lanes = 0;                 ///< components padded to a multiple of 8, so that rows fill vector registers
  double offset_counts = 0;      ///< camera offset, subtracted from every band
  std::vector<double> library;   ///< A: [bands x lanes], 0 in the padding
  std::vector<double> gram;      ///< G: [components x lanes], 0 in the padding
  std::vector<float> inverse;    ///< (A^T A)^-1 A^T: [components x bands]
  std::vector<double> to_value;  ///< [lanes]: powers of two; abundance = solution row of a pivot matrix * to_value
  /// One [components x lanes] matrix per passive set P (components <= kMaxTabledComponents; else empty), stored by
  /// columns. With c = A^T b, M c holds the least-squares solution over P in the rows of P, scaled so that a row's
  /// value bounds what it adds to any gradient, and minus the gradient in the other rows. P is optimal where no row
  /// is negative.
  std::vector<double> pivots;
  std::vector<double> pivot_values;  ///< [passive sets x lanes]: to_value in the rows of the set, 0 in the others

  bool tabled() const { return components <= kMaxTabledComponents; }
  std::size_t pivot_stride() const { return static_cast<std::size_t>(components) * lanes; }
};

/// Builds the model.
///
/// @param library        [bands x components] row by row, finite
/// @param offset_counts  finite
/// Throws: InvalidArgument for no component, more than kMaxComponents, fewer bands than components, a value that is
///         not finite, or columns that depend on each other (core/unmixing/library.h says which)
UnmixModel make_unmix_model(std::span<const double> library, int bands, int components, double offset_counts);

}  // namespace hexaplex
