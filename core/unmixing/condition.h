#pragma once

#include <span>
#include <vector>

namespace hexaplex {

/// How well a matrix tells its columns apart.
struct Condition {
  double largest = 0;  ///< singular values
  double smallest = 0;
  double number = 0;  ///< largest / smallest; infinite where the columns depend on each other to rounding
  /// The unit combination of columns that comes closest to zero: its largest entries name the columns that are alike.
  std::vector<double> weakest;
};

/// Singular values by one-sided Jacobi rotations: only + - * / sqrt, in a fixed order, so the same on every machine.
///
/// @param matrix  [rows x columns] row by row, finite; rows >= columns >= 1
/// Source: Hestenes 1958; the rotation as in Golub and Van Loan, section 8.6
Condition condition_of(std::span<const double> matrix, int rows, int columns);

}  // namespace hexaplex
