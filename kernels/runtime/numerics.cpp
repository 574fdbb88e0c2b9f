#include "kernels/runtime/numerics.h"

#include <cstring>

#include "kernels/runtime/error.h"
#include "kernels/runtime/exact_log.h"

namespace hexaplex {

namespace {
using detail::kLn2High, detail::kLn2Low;

double scale_by_power_of_two(double x, int k) {
  while (k > 1000) x *= 0x1p1000, k -= 1000;
  while (k < -1000) x *= 0x1p-1000, k += 1000;
  std::uint64_t bits = static_cast<std::uint64_t>(k + 1023) << 52;
  double factor;
  std::memcpy(&factor, &bits, sizeof factor);
  return x * factor;
}
}  // namespace

double exact_log(double x) {
  HX_EXPECT(x > 0 && x <= 1.7976931348623157e308, "the logarithm needs a positive finite number");
  return detail::log_of_positive(x);
}

double exact_exp(double x) {
  HX_EXPECT(x >= -700 && x <= 700, "the exponential needs an argument in -700..700");
  const double scaled = x * 1.4426950408889634;
  const int k = static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1;
  for (int n = 18; n >= 1; --n) sum = 1 + sum * r / n;
  return scale_by_power_of_two(sum, k);
}

double exact_pow(double x, double y) {
  return exact_exp(y * exact_log(x));
}

double exact_atan2(double y, double x) {
  constexpr double kPi = 3.14159265358979323846;
  const double ax = x < 0 ? -x : x, ay = y < 0 ? -y : y;
  if (ax == 0 && ay == 0) return 0;
  const bool steep = ay > ax;
  double t = steep ? ax / ay : ay / ax;  // in 0..1
  const bool far = t > 0.41421356237309503;
  if (far) t = (1 - t) / (1 + t);
  const double t2 = t * t;
  double sum = 0;
  for (int k = 47; k >= 1; k -= 2) sum = 1.0 / k - sum * t2;  // |t2| <= 0.1716: the next term is below 1e-19
  double angle = t * sum;
  if (far) angle = kPi / 4 - angle;
  if (steep) angle = kPi / 2 - angle;
  if (x < 0) angle = kPi - angle;
  return y < 0 ? -angle : angle;
}

}  // namespace hexaplex
