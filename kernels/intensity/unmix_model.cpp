#include "kernels/intensity/unmix_model.h"

#include <array>
#include <cmath>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

using Square = std::array<std::array<double, kMaxComponents>, kMaxComponents>;

/// Inverse of the part of the Gram matrix that belongs to `members`, by Cholesky's factorisation. A pivot that has lost
/// all but rounding means that a member is a combination of those before it.
Square inverse_of_members(const UnmixModel& m, std::span<const int> members) {
  const int n = static_cast<int>(members.size());
  Square factor{};
  for (int j = 0; j < n; ++j) {
    const double diagonal = m.gram[static_cast<std::size_t>(members[j]) * m.lanes + members[j]];
    double pivot = diagonal;
    for (int k = 0; k < j; ++k) pivot -= factor[j][k] * factor[j][k];
    HX_EXPECT(pivot > 1e-14 * diagonal, "the columns of the library depend on each other");
    factor[j][j] = std::sqrt(pivot);  // correctly rounded everywhere, unlike the rest of libm
    for (int i = j + 1; i < n; ++i) {
      double v = m.gram[static_cast<std::size_t>(members[i]) * m.lanes + members[j]];
      for (int k = 0; k < j; ++k) v -= factor[i][k] * factor[j][k];
      factor[i][j] = v / factor[j][j];
    }
  }
  Square inverse{};
  for (int column = 0; column < n; ++column) {
    std::array<double, kMaxComponents> y{};
    for (int i = 0; i < n; ++i) {
      double v = i == column ? 1.0 : 0.0;
      for (int k = 0; k < i; ++k) v -= factor[i][k] * y[k];
      y[i] = v / factor[i][i];
    }
    for (int i = n - 1; i >= 0; --i) {
      double v = y[i];
      for (int k = i + 1; k < n; ++k) v -= factor[k][i] * inverse[k][column];
      inverse[i][column] = v / factor[i][i];
    }
  }
  return inverse;
}

double power_of_two_above(double x) {
  double power = 1;
  while (power < x) power *= 2;
  while (power * 0.5 >= x) power *= 0.5;
  return power;
}

void fill_gram(UnmixModel& m) {
  m.gram.assign(m.pivot_stride(), 0.0);
  m.to_value.assign(m.lanes, 0.0);
  for (int i = 0; i < m.components; ++i) {
    double largest = 0;
    for (int j = 0; j < m.components; ++j) {
      double sum = 0;
      for (int b = 0; b < m.bands; ++b)
        sum +=
            m.library[static_cast<std::size_t>(b) * m.lanes + i] * m.library[static_cast<std::size_t>(b) * m.lanes + j];
      m.gram[static_cast<std::size_t>(i) * m.lanes + j] = sum;
      largest = std::max(largest, std::fabs(sum));
    }
    HX_EXPECT(largest > 1e-60 && largest < 1e60, "a component of the library is zero or far out of scale");
    m.to_value[i] = 1 / power_of_two_above(largest);
  }
}

void fill_inverse(UnmixModel& m) {
  std::array<int, kMaxComponents> all{};
  for (int i = 0; i < m.components; ++i) all[i] = i;
  const Square inverse = inverse_of_members(m, {all.data(), static_cast<std::size_t>(m.components)});
  m.inverse.resize(static_cast<std::size_t>(m.components) * m.bands);
  for (int i = 0; i < m.components; ++i)
    for (int b = 0; b < m.bands; ++b) {
      double sum = 0;
      for (int j = 0; j < m.components; ++j)
        sum += inverse[i][j] * m.library[static_cast<std::size_t>(b) * m.lanes + j];
      m.inverse[static_cast<std::size_t>(i) * m.bands + b] = static_cast<float>(sum);
    }
}

void fill_pivot(UnmixModel& m, std::uint32_t passive) {
  std::array<int, kMaxComponents> members{};
  int n = 0;
  for (int i = 0; i < m.components; ++i)
    if (passive >> i & 1) members[n++] = i;
  const Square inverse = inverse_of_members(m, {members.data(), static_cast<std::size_t>(n)});
  double* matrix = &m.pivots[passive * m.pivot_stride()];
  for (int column = 0; column < n; ++column) {
    double* out = matrix + static_cast<std::size_t>(members[column]) * m.lanes;
    for (int i = 0; i < n; ++i) out[members[i]] = inverse[i][column] / m.to_value[members[i]];
    for (int row = 0; row < m.components; ++row) {
      if (passive >> row & 1) continue;
      double sum = 0;
      for (int i = 0; i < n; ++i)
        sum += m.gram[static_cast<std::size_t>(row) * m.lanes + members[i]] * inverse[i][column];
      out[row] = sum;
    }
  }
  for (int i = 0; i < n; ++i)
    m.pivot_values[static_cast<std::size_t>(passive) * m.lanes + members[i]] = m.to_value[members[i]];
  for (int i = 0; i < m.components; ++i)
    if (!(passive >> i & 1)) matrix[static_cast<std::size_t>(i) * m.lanes + i] = -1;
}

}  // namespace

UnmixModel make_unmix_model(std::span<const double> library, int bands, int components, double offset_counts) {
  HX_EXPECT(components >= 1 && components <= kMaxComponents, "a library needs 1 to 32 components");
  HX_EXPECT(bands >= components, "a library needs at least as many bands as components");
  HX_EXPECT(library.size() == static_cast<std::size_t>(bands) * components, "the library is not bands x components");
  HX_EXPECT(std::isfinite(offset_counts), "the camera offset must be finite");
  for (double v : library) HX_EXPECT(std::isfinite(v), "the library must be finite");

  UnmixModel m;
  m.bands = bands;
  m.components = components;
  m.lanes = (components + 7) / 8 * 8;
  m.offset_counts = offset_counts;
  m.library.assign(static_cast<std::size_t>(bands) * m.lanes, 0.0);
  for (int b = 0; b < bands; ++b)
    for (int i = 0; i < components; ++i)
      m.library[static_cast<std::size_t>(b) * m.lanes + i] = library[static_cast<std::size_t>(b) * components + i];
  fill_gram(m);
  fill_inverse(m);
  if (m.tabled()) {
    const std::uint32_t sets = 1u << components;
    m.pivots.assign(sets * m.pivot_stride(), 0.0);
    m.pivot_values.assign(static_cast<std::size_t>(sets) * m.lanes, 0.0);
    for (std::uint32_t passive = 0; passive < sets; ++passive) fill_pivot(m, passive);
  }
  return m;
}

}  // namespace hexaplex
