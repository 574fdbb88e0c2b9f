#include "core/unmixing/condition.h"

#include <cmath>
#include <limits>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

using Column = std::vector<double>;

double dot(const Column& a, const Column& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void rotate(Column& a, Column& b, double cosine, double sine) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

/// Turns two columns until they are orthogonal; false where they already are, to rounding.
bool orthogonalise(Column& a, Column& b, Column& va, Column& vb) {
  const double aa = dot(a, a), bb = dot(b, b), ab = dot(a, b);
  if (std::fabs(ab) <= 1e-15 * std::sqrt(aa) * std::sqrt(bb)) return false;
  const double zeta = (bb - aa) / (2 * ab);
  const double tangent = (zeta < 0 ? -1 : 1) / (std::fabs(zeta) + std::sqrt(1 + zeta * zeta));
  const double cosine = 1 / std::sqrt(1 + tangent * tangent);
  rotate(a, b, cosine, cosine * tangent);
  rotate(va, vb, cosine, cosine * tangent);
  return true;
}

}  // namespace

Condition condition_of(std::span<const double> matrix, int rows, int columns) {
  HX_EXPECT(rows >= columns && columns >= 1, "the matrix needs as many rows as columns");
  HX_EXPECT(matrix.size() == static_cast<std::size_t>(rows) * columns, "the matrix is not rows x columns");
  double scale = 0;  // brings the largest value to 1, so that squares neither overflow nor vanish
  for (double v : matrix) scale = std::max(scale, std::fabs(v));
  HX_EXPECT(scale > 0, "the matrix is zero");
  std::vector<Column> a(columns, Column(rows)), v(columns, Column(columns));
  for (int c = 0; c < columns; ++c) {
    v[c][c] = 1;
    for (int r = 0; r < rows; ++r) a[c][r] = matrix[static_cast<std::size_t>(r) * columns + c] / scale;
  }
  bool turned = true;
  for (int sweep = 0; turned && sweep < 60; ++sweep) {  // 6 to 10 sweeps are usual
    turned = false;
    for (int i = 0; i + 1 < columns; ++i)
      for (int j = i + 1; j < columns; ++j) turned |= orthogonalise(a[i], a[j], v[i], v[j]);
  }
  Condition result;
  for (int c = 0; c < columns; ++c) {
    const double singular = std::sqrt(dot(a[c], a[c])) * scale;
    result.largest = c == 0 ? singular : std::max(result.largest, singular);
    if (c == 0 || singular < result.smallest) {
      result.smallest = singular;
      result.weakest = v[c];
    }
  }
  const bool dependent = result.smallest <= 1e-13 * result.largest;
  result.number = dependent ? std::numeric_limits<double>::infinity() : result.largest / result.smallest;
  return result;
}

}  // namespace hexaplex
