#include "kernels/filter/gaussian_weights.h"

#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

int gaussian_radius(double sigma_px) {
  HX_EXPECT(sigma_px >= kMinGaussianSigmaPx && sigma_px <= kMaxGaussianSigmaPx, "sigma_px must lie in 0.2..64");
  const double reach = 3 * sigma_px;
  const int whole = static_cast<int>(reach);
  return whole < reach ? whole + 1 : whole;
}

std::vector<double> gaussian_profile(double sigma_px) {
  const int radius = gaussian_radius(sigma_px);
  std::vector<double> profile(radius + 1);
  double sum = 0;
  for (int k = radius; k >= 0; --k) {  // small terms first
    profile[k] = exact_exp(-0.5 * k * k / (sigma_px * sigma_px));
    sum += k == 0 ? profile[k] : 2 * profile[k];
  }
  for (double& value : profile) value /= sum;
  return profile;
}

GaussianWeights gaussian_weights(double sigma_px) {
  const std::vector<double> profile = gaussian_profile(sigma_px);
  GaussianWeights result;
  result.radius = static_cast<int>(profile.size()) - 1;
  double tail = 0;
  std::uint32_t given = 0;  // what the tail beyond k has received
  for (int k = result.radius; k >= 1; --k) {
    tail += profile[k];
    const auto due = static_cast<std::uint32_t>(65536 * tail + 0.5);
    result.weight[k] = due - given;
    given = due;
  }
  result.weight[0] = 65536 - 2 * given;
  return result;
}

}  // namespace hexaplex
