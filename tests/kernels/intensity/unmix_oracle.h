#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "kernels/intensity/unmix.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex::test {

/// A library with its pixels, for tests of unmixing.
struct MixedImage {
  int bands = 0;
  int components = 0;
  std::vector<double> library;  // [bands x components]
  std::vector<HostPlane<std::uint16_t>> counts;

  std::vector<Plane<const std::uint16_t>> views() const {
    std::vector<Plane<const std::uint16_t>> v;
    for (const auto& p : counts) v.push_back(p.view());
    return v;
  }
};

struct Abundances {
  std::vector<HostPlane<float>> planes;
  Abundances(int components, Extent extent) {
    for (int i = 0; i < components; ++i) planes.emplace_back(extent, -1.0f);
  }
  std::vector<Plane<float>> views() {
    std::vector<Plane<float>> v;
    for (auto& p : planes) v.push_back(p.view());
    return v;
  }
  std::vector<Plane<const float>> const_views() const {
    std::vector<Plane<const float>> v;
    for (const auto& p : planes) v.push_back(p.view());
    return v;
  }
  std::vector<double> at(int x, int y) const {
    std::vector<double> v;
    for (const auto& p : planes) v.push_back(p(x, y));
    return v;
  }
};

/// Smooth overlapping spectra: bumps whose `width` (in spacings of the components) sets how alike neighbours are.
std::vector<double> bump_library(int bands, int components, double width);

/// Pixels of sparse mixtures with noise like a camera's, offset included; a few are saturated, empty or below the
/// offset.
MixedImage mixed_image(std::vector<double> library, int bands, int components, Extent extent, std::uint32_t seed,
                       double photons = 400, double offset = 10);

/// Condition number through the largest and smallest eigenvalue found by power iteration in long double.
double condition_number_by_power(std::span<const double> library, int bands, int components);

/// Largest violation of the conditions of optimality, over max |A^T b|, in long double from the library itself; huge
/// where an abundance is negative.
long double violation(std::span<const double> library, int components, std::span<const long double> b,
                      std::span<const double> x);

/// The optimum by trying every passive set in long double.
std::vector<double> optimum_by_all_sets(std::span<const double> library, int components,
                                        std::span<const long double> b);

/// Least squares over one passive set by normal equations in long double; 0 elsewhere. Empty where singular.
std::vector<long double> normal_equations(std::span<const double> library, int components,
                                          std::span<const long double> b, std::uint32_t passive);

}  // namespace hexaplex::test
