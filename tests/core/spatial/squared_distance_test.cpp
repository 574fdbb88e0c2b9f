#include "core/spatial/squared_distance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/labels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Mask;

// Every pixel against every seed.
std::vector<std::int32_t> by_brute_force(const Mask& seeds) {
  std::vector<std::int32_t> out;
  for (int y = 0; y < seeds.height(); ++y)
    for (int x = 0; x < seeds.width(); ++x) {
      std::int32_t nearest = kNoSeed;
      for (int v = 0; v < seeds.height(); ++v)
        for (int u = 0; u < seeds.width(); ++u)
          if (seeds(u, v) != 0) nearest = std::min(nearest, (x - u) * (x - u) + (y - v) * (y - v));
      out.push_back(nearest);
    }
  return out;
}

std::vector<std::int32_t> found(const Mask& seeds) {
  const HostPlane<std::int32_t> d = squared_distance(CpuQueue{}, seeds.view());
  EXPECT_EQ(d.extent(), seeds.extent());
  return {d.data(), d.data() + d.extent().area()};
}

TEST(SquaredDistance, IsExactOnAnyMask) {
  std::vector<Extent> shapes = testing::kEdgeShapes;
  shapes.push_back({97, 61});
  unsigned seed = 1;
  for (const Extent shape : shapes)
    for (const double density : {0.0005, 0.01, 0.1, 0.5, 0.97}) {
      const Mask seeds = testing::random_mask(shape, density, ++seed);
      EXPECT_EQ(found(seeds), by_brute_force(seeds)) << shape.width << " x " << shape.height << ", " << density;
    }
}

TEST(SquaredDistance, IsExactFromOneSeedAnywhere) {
  for (const int at : {0, 12, 13, 83, 168}) {
    Mask seeds({13, 13}, 0);
    seeds.data()[at] = 255;
    EXPECT_EQ(found(seeds), by_brute_force(seeds)) << at;
  }
}

TEST(SquaredDistance, WithoutSeedsNothingIsNear) {
  for (const Extent shape : testing::kEdgeShapes) {
    const std::vector<std::int32_t> d = found(Mask(shape, std::uint8_t{0}));
    EXPECT_TRUE(std::all_of(d.begin(), d.end(), [](std::int32_t v) { return v == kNoSeed; }));
  }
}

TEST(SquaredDistance, SeedsThemselvesAreAtZero) {
  for (const Extent shape : testing::kEdgeShapes) {
    const std::vector<std::int32_t> d = found(Mask(shape, std::uint8_t{1}));
    EXPECT_TRUE(std::all_of(d.begin(), d.end(), [](std::int32_t v) { return v == 0; }));
  }
}

TEST(SquaredDistance, TakesEmptyMasks) {
  for (const Extent shape : testing::kEmptyShapes) EXPECT_TRUE(found(Mask(shape)).empty());
}

TEST(SquaredDistance, WhatDoesNotFitIsFarButNotWithoutASeed) {
  for (const Extent shape : {Extent{46343, 1}, Extent{1, 46343}}) {
    Mask seeds(shape, std::uint8_t{0});
    seeds.data()[0] = 1;
    const std::vector<std::int32_t> d = found(seeds);
    EXPECT_EQ(d[46340], 2147395600);
    EXPECT_EQ(d[46341], kNoSeed - 1) << "46341 squared is 2147488281, above 31 bits";
    EXPECT_EQ(d[46342], kNoSeed - 1);
  }
}

TEST(SquaredDistance, IsTheSameForAnyNumberOfThreads) {
  const Mask seeds = testing::random_mask({211, 157}, 0.003, 5);
  const std::vector<std::int32_t> expected = by_brute_force(seeds);
  testing::for_thread_counts([&] { EXPECT_EQ(found(seeds), expected); });
}

TEST(SquaredDistance, ReadsAWindowOfALargerMask) {
  const Mask seeds = testing::random_mask({33, 21}, 0.02, 9);
  testing::Framed<std::uint8_t> framed(seeds);
  const HostPlane<std::int32_t> d = squared_distance(CpuQueue{}, framed.view());
  EXPECT_EQ(std::vector<std::int32_t>(d.data(), d.data() + d.extent().area()), by_brute_force(seeds));
}

}  // namespace
}  // namespace hexaplex
