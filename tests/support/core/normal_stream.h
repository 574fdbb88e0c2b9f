#pragma once

#include <cmath>
#include <cstdint>

#include "core/statistics/random_stream.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex::test {

/// Standard normal numbers by Marsaglia's polar method, without libm: the same on every machine.
class NormalStream {
 public:
  explicit NormalStream(std::uint64_t seed) : random_(seed) {}
  double next() {
    for (;;) {
      const double u = uniform(), v = uniform(), s = u * u + v * v;
      if (s > 0 && s < 1) return u * std::sqrt(-2 * exact_log(s) / s);
    }
  }

 private:
  double uniform() { return static_cast<double>(static_cast<std::int64_t>(random_.next()) >> 11) / 0x1p52; }
  RandomStream random_;
};

}  // namespace hexaplex::test
