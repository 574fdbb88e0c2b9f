#include "kernels/filter/blob_weights.h"

#include <algorithm>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

BlobWeights make_weights(double sigma, int radius, int smooth_bits, int second_bits) {
  HX_EXPECT(radius >= 1 && radius <= kMaxBlobRadius, "radius must lie in 1..384");
  const std::int32_t one = 1 << smooth_bits, second_one = 1 << second_bits;
  std::vector<double> g(radius + 1), d(radius + 1);
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    const double t = i / sigma;
    g[i] = exact_exp(-0.5 * t * t);
    d[i] = (t * t - 1) * g[i];
    sum += (i > 0 ? 2 : 1) * g[i];
  }
  auto rounded = [&](double v) { return static_cast<std::int32_t>(v < 0 ? v - 0.5 : v + 0.5); };
  BlobWeights w;
  w.radius = radius;
  w.second_bits = second_bits;
  std::int32_t rest = one, balance = 0;
  for (int i = radius; i > 0; --i) {
    w.smooth[i] = rounded(one * g[i] / sum);
    w.second[i] = rounded(second_one * d[i] / sum);
    rest -= 2 * w.smooth[i];
    balance -= 2 * w.second[i];
  }
  w.smooth[0] = rest;  // the centre takes what rounding left over
  w.second[0] = balance;
  return w;
}

// Whether the sum of `second` over any column of 16-bit pixels fits 32 bits, the rounding half included. At most scales
// it does with 16 bits; below sigma 0.8, and in a few places above, rows of saturated pixels need one bit less.
bool second_fits(const BlobWeights& w) {
  std::int64_t bright = 0;
  for (int i = 0; i <= w.radius; ++i) bright += (i > 0 ? 2 : 1) * std::int64_t{std::max(w.second[i], 0)};
  return bright * 65535 + (1 << 15) <= 0x7fffffff;  // the dark taps sum to the same
}

}  // namespace

BlobWeights blob_column_weights(double sigma_px, int radius) {
  const BlobWeights w = make_weights(sigma_px, radius, 16, 16);
  return second_fits(w) ? w : make_weights(sigma_px, radius, 16, 15);
}

BlobWeights blob_row_weights(double sigma_px, int radius) {
  return make_weights(sigma_px, radius, 15, 15);
}

}  // namespace hexaplex
