#include "kernels/measure/region_sums_tile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace hexaplex {
namespace {

TEST(FixedSplit, IsToFixedInFloats) {
  std::mt19937 random(3);
  for (const float largest :
       {0.0f, 1e-45f, 1.2e-38f, 3e-20f, 0.7f, 1.0f, 65535.0f, 1e20f, 3e38f, std::numeric_limits<float>::max()}) {
    const FixedPoint fixed = fixed_point_for(largest);
    const detail::FixedSplit split = detail::FixedSplit::of(fixed);
    const auto same = [&](float v) {
      const auto parts = split.split(v);
      EXPECT_LE(std::abs(parts.high), 1 << 18);
      EXPECT_LE(std::abs(parts.low), 1 << 17);
      return static_cast<double>(parts.high) * 262144.0 + parts.low == to_fixed(v + 0.0f, fixed.scale);
    };
    EXPECT_TRUE(same(largest) && same(-largest) && same(0.0f) && same(-0.0f)) << largest;
    for (int i = 0; i < 20000; ++i) {
      float v = largest * (static_cast<float>(random() % 20000001) * 1e-7f - 1.0f);
      if (i % 3 == 0) v *= std::pow(2.0f, -static_cast<float>(random() % 60));
      if (!(std::abs(v) <= largest)) continue;
      ASSERT_TRUE(same(v)) << v << " of " << largest;
    }
    // Ties, and their neighbours: halves of the unit, and odd and even multiples of the step.
    if (largest < 1e-30f || largest > 1e30f) continue;
    for (int k = -3000; k <= 3000; ++k)
      for (const double step : {0.5, 1.0, 131072.0, 262144.0}) {
        const float tie = static_cast<float>(k * step * fixed.unscale);
        for (const float v : {tie, std::nextafter(tie, largest), std::nextafter(tie, -largest)})
          ASSERT_TRUE(std::abs(v) > largest || same(v)) << v << " of " << largest;
      }
  }
}

TEST(DeviceChannelSums, AddUpToWideNumbersWithoutCarries) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    DeviceChannelSums sums{};
    int128 want_sum = 0, want_squares = 0;
    for (int k = 0; k < 50; ++k) {
      const auto magnitude = static_cast<std::int64_t>(random() >> (17 + random() % 40));
      const std::int64_t sum = random() % 2 == 0 ? -magnitude : magnitude;
      const auto squares = static_cast<detail::WideBits>(static_cast<std::uint64_t>(magnitude)) *
                           static_cast<std::uint64_t>(random() >> (27 + random() % 30));
      want_sum += sum;
      want_squares += static_cast<int128>(squares);
      detail::add_sum(sums, sum);
      detail::add_squares(sums, squares);
    }
    EXPECT_TRUE(detail::joined(sums.sum_high, sums.sum_low, DeviceChannelSums::kSumLowBits) == want_sum);
    EXPECT_TRUE(detail::joined(sums.squares_high, sums.squares_low, DeviceChannelSums::kSquaresLowBits) ==
                want_squares);
  }
}

}  // namespace
}  // namespace hexaplex
