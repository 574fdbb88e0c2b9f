#include "tests/kernels/intensity/unmix_oracle.h"

#include <algorithm>
#include <cmath>

namespace hexaplex::test {

std::vector<double> bump_library(int bands, int components, double width) {
  std::vector<double> a(static_cast<std::size_t>(bands) * components);
  for (int b = 0; b < bands; ++b)
    for (int k = 0; k < components; ++k) {
      const double distance = ((b + 0.5) / bands * components - (k + 0.5)) / width;
      a[static_cast<std::size_t>(b) * components + k] = std::exp(-0.5 * distance * distance) + 0.002 * (k % 3);
    }
  return a;
}

MixedImage mixed_image(std::vector<double> library, int bands, int components, Extent extent, std::uint32_t seed,
                       double photons, double offset) {
  std::mt19937 random(seed);
  MixedImage image{bands, components, std::move(library), {}};
  for (int b = 0; b < bands; ++b) image.counts.emplace_back(extent);
  std::uniform_real_distribution<double> level(0, 1);
  std::normal_distribution<double> read_noise(0, 2);
  std::vector<double> x(components);
  for (int py = 0; py < extent.height; ++py)
    for (int px = 0; px < extent.width; ++px) {
      for (double& v : x) v = level(random) < 0.4 ? photons * level(random) : 0.0;
      const double kind = level(random);
      for (int b = 0; b < bands; ++b) {
        double mean = 0;
        for (int k = 0; k < components; ++k) mean += image.library[static_cast<std::size_t>(b) * components + k] * x[k];
        double value = mean > 0 ? std::poisson_distribution<int>(mean)(random) : 0;
        value = std::round(value + read_noise(random) + offset);
        if (kind < 0.01) value = 65535;                                // saturated
        if (kind >= 0.01 && kind < 0.02) value = offset;               // nothing at all
        if (kind >= 0.02 && kind < 0.03) value = std::fmin(value, 3);  // darker than the offset
        image.counts[b](px, py) = static_cast<std::uint16_t>(std::fmin(std::fmax(value, 0), 65535));
      }
    }
  return image;
}

long double violation(std::span<const double> a, int components, std::span<const long double> b,
                      std::span<const double> x) {
  const int bands = static_cast<int>(b.size());
  long double worst = 0, scale = 0;
  for (int k = 0; k < components; ++k) {
    long double g = 0, c = 0, terms = 0;
    for (int i = 0; i < bands; ++i) {
      long double fitted = 0;
      for (int j = 0; j < components; ++j) fitted += static_cast<long double>(a[i * components + j]) * x[j];
      g += a[i * components + k] * (b[i] - fitted);
      c += a[i * components + k] * b[i];
      terms += std::fabs(a[i * components + k] * b[i]);
    }
    // Where all correlations cancel to nothing, their rounding in double (2^-52 of the terms) is what is left.
    scale = std::max({scale, std::fabs(c), terms * 0x1p-30L});
    worst = std::max(worst, x[k] > 0 ? std::fabs(g) : std::max(g, 0.0L));
    if (x[k] < 0) return 1e30L;
  }
  return scale > 0 ? worst / scale : (worst > 0 ? 1e30L : 0.0L);
}

std::vector<long double> normal_equations(std::span<const double> a, int components, std::span<const long double> b,
                                          std::uint32_t passive) {
  std::vector<int> members;
  for (int k = 0; k < components; ++k)
    if (passive >> k & 1) members.push_back(k);
  const int n = static_cast<int>(members.size()), bands = static_cast<int>(b.size());
  std::vector<std::vector<long double>> m(n, std::vector<long double>(n + 1, 0));
  for (int i = 0; i < n; ++i)
    for (int r = 0; r < bands; ++r) {
      const long double v = a[r * components + members[i]];
      for (int j = 0; j < n; ++j) m[i][j] += v * a[r * components + members[j]];
      m[i][n] += v * b[r];
    }
  for (int i = 0; i < n; ++i) {
    int best = i;
    for (int r = i; r < n; ++r)
      if (std::fabs(m[r][i]) > std::fabs(m[best][i])) best = r;
    if (m[best][i] == 0) return {};
    std::swap(m[i], m[best]);
    for (int r = 0; r < n; ++r) {
      if (r == i) continue;
      const long double f = m[r][i] / m[i][i];
      for (int j = i; j <= n; ++j) m[r][j] -= f * m[i][j];
    }
  }
  std::vector<long double> x(components, 0);
  for (int i = 0; i < n; ++i) x[members[i]] = m[i][n] / m[i][i];
  return x;
}

std::vector<double> optimum_by_all_sets(std::span<const double> a, int components, std::span<const long double> b) {
  const int bands = static_cast<int>(b.size());
  std::vector<double> best(components, 0.0);
  long double least = -1;
  for (std::uint32_t passive = 0; passive < 1u << components; ++passive) {
    const auto x = normal_equations(a, components, b, passive);
    if (x.empty() && components > 0) continue;
    long double distance = 0;
    bool feasible = true;
    for (long double v : x) feasible &= v >= 0;
    if (!feasible) continue;
    for (int i = 0; i < bands; ++i) {
      long double r = b[i];
      for (int k = 0; k < components; ++k) r -= a[i * components + k] * x[k];
      distance += r * r;
    }
    if (least >= 0 && distance >= least) continue;
    least = distance;
    std::transform(x.begin(), x.end(), best.begin(), [](long double v) { return static_cast<double>(v); });
  }
  return best;
}

double condition_number_by_power(std::span<const double> a, int components_count_bands, int components) {
  const int bands = components_count_bands;
  std::vector<std::vector<long double>> g(components, std::vector<long double>(components, 0));
  for (int i = 0; i < components; ++i)
    for (int j = 0; j < components; ++j)
      for (int b = 0; b < bands; ++b)
        g[i][j] += static_cast<long double>(a[b * components + i]) * a[b * components + j];
  const auto largest = [&](long double shift) {
    std::vector<long double> v(components);
    for (int i = 0; i < components; ++i) v[i] = 1 + 0.37L * ((i * 7) % 5);
    long double value = 0;
    for (int step = 0; step < 20000; ++step) {
      std::vector<long double> w(components, 0);
      for (int i = 0; i < components; ++i)
        for (int j = 0; j < components; ++j) w[i] += (g[i][j] - (i == j ? shift : 0)) * v[j];
      long double norm = 0;
      for (long double e : w) norm += e * e;
      norm = std::sqrt(norm);
      for (int i = 0; i < components; ++i) v[i] = w[i] / norm;
      value = norm;
    }
    return value;
  };
  const long double top = largest(0);
  return static_cast<double>(std::sqrt(top / (top - largest(top))));
}

}  // namespace hexaplex::test
