#include "core/stains/vectors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hexaplex {

Axes axes_of(Moments m) {
  std::array<StainVector, 3> v{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};  // columns are found as rows
  constexpr std::size_t kPairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};
  for (int sweep = 0; sweep < 30; ++sweep)
    for (const auto& [p, q] : kPairs) {
      if (m[p][q] == 0) continue;
      const double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
      const double t = (theta >= 0 ? 1.0 : -1.0) / (std::abs(theta) + std::sqrt(theta * theta + 1));
      const double c = 1 / std::sqrt(t * t + 1), s = t * c;
      for (std::size_t k = 0; k < 3; ++k) {
        const double a = m[k][p], b = m[k][q];
        m[k][p] = c * a - s * b, m[k][q] = s * a + c * b;
      }
      for (std::size_t k = 0; k < 3; ++k) {
        const double a = m[p][k], b = m[q][k];
        m[p][k] = c * a - s * b, m[q][k] = s * a + c * b;
      }
      const StainVector a = v[p], b = v[q];
      v[p] = c * a - s * b, v[q] = s * a + c * b;
    }
  std::array<std::size_t, 3> order{0, 1, 2};
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return m[a][a] > m[b][b]; });
  Axes out;
  for (std::size_t i = 0; i < 3; ++i) out.values[i] = m[order[i]][order[i]], out.vectors[i] = v[order[i]];
  return out;
}

}  // namespace hexaplex
