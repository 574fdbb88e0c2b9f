#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hexaplex {

/// Most components a library may have; passive sets are 32-bit masks.
inline constexpr int kMaxComponents = 32;
/// Up to this many components every passive set has its solution matrix in a table; above, each pixel factorises its
/// own.
inline constexpr int kMaxTabledComponents = 10;

/// What per-pixel unmixing needs, computed once on the host by + - * / sqrt in a fixed order, so that every backend
/// reads the same numbers. A is the library, G = A^T A its Gram matrix, b the counts of a pixel after the offset.
struct UnmixModel {
  int bands = 0;
  int components = 0;
  int lanes = 0;                    ///< components padded to 8 or 16 (tabled) or to a multiple of 8
  double offset_counts = 0;         ///< camera offset, subtracted from every band
  std::vector<double> library;      ///< A: [bands x lanes], zero in the padding
  std::vector<double> gram;         ///< G: [lanes x lanes]
  std::vector<float> inverse;       ///< (A^T A)^-1 A^T: [components x bands]
  std::vector<float> inverse_bias;  ///< [components]: what the offset adds to a least-squares solution, to be taken off
  std::vector<double> x_scale;      ///< [lanes]: power of two that brings a component's solution to gradient units
  /// Tabled only: for each passive set P a [columns x lanes] matrix M with M c = scaled solution in the rows of P and
  /// minus the gradient in the other rows, where c = A^T b. A feasible pivot is one where no row is negative.
  std::vector<double> pivots;
  int pivot_columns = 0;

  bool tabled() const { return components <= kMaxTabledComponents; }
};

/// Builds the model.
///
/// @param library        [bands x components] row by row, finite
/// @param offset_counts  finite
/// Throws: InvalidArgument for no component, more than kMaxComponents, fewer bands than components, a value that is
///         not finite, or a matrix whose columns depend on each other (core/unmixing/library.h says which)
UnmixModel make_unmix_model(std::span<const double> library, int bands, int components, double offset_counts);

}  // namespace hexaplex
