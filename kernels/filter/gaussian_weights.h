#pragma once

#include <cstdint>
#include <vector>

namespace hexaplex {

constexpr double kMinGaussianSigmaPx = 0.2;
constexpr double kMaxGaussianSigmaPx = 64;
constexpr int kMaxGaussianRadius = 192;

/// Half of a symmetric filter in 1/65536: `weight[0]` is the centre, `weight[k]` stands k pixels to either side.
/// weight[0] + 2 * (weight[1] + ... + weight[radius]) is 65536 exactly, so a constant image stays what it is.
/// A plain value of fixed size: a CUDA kernel takes it as a parameter, with no allocation and no copy.
struct GaussianWeights {
  int radius = 0;
  std::uint32_t weight[kMaxGaussianRadius + 1] = {};
};

/// ceil(3 * sigma_px), at least 1. Throws InvalidArgument unless sigma_px lies in 0.2..64.
int gaussian_radius(double sigma_px);

/// Half of the sampled Gaussian, centre first, gaussian_radius + 1 values; the whole of it sums to 1 (to 1e-14).
/// The same bits on every machine. For operators that derive their own weights (Laplacian of Gaussian).
std::vector<double> gaussian_profile(double sigma_px);

/// The profile as integers, each within 1 of 65536 * profile. Rounding is carried from the tail inwards, so that no
/// error piles up in the centre. Throws InvalidArgument unless sigma_px lies in 0.2..64.
GaussianWeights gaussian_weights(double sigma_px);

}  // namespace hexaplex
