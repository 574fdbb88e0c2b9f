#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "kernels/runtime/host_plane.h"

namespace hexaplex::testing {

using Labels = HostPlane<std::uint32_t>;
using Mask = HostPlane<std::uint8_t>;

/// 1 with the given probability, the same on every machine.
inline Mask random_mask(Extent extent, double density, unsigned seed) {
  Mask out(extent);
  std::mt19937 random(seed);
  for (std::int64_t i = 0; i < extent.area(); ++i) out.data()[i] = random() < density * 4294967296.0 ? 1 : 0;
  return out;
}

/// Squares of `grain` pixels with labels 0 .. most.
inline Labels random_labels(Extent extent, std::uint32_t most, int grain, unsigned seed) {
  Labels out(extent);
  for (int y = 0; y < extent.height; ++y)
    for (int x = 0; x < extent.width; ++x)
      out(x, y) = static_cast<std::uint32_t>(
          std::mt19937(seed + static_cast<unsigned>(7919 * (y / grain) + x / grain))() % (most + 1));
  return out;
}

/// 4-connected pixels of equal value, numbered 1 .. count by first raster pixel; 0 stays 0.
inline Labels flood_fill(const Labels& src) {
  Labels out(src.extent(), 0);
  std::uint32_t count = 0;
  std::vector<std::pair<int, int>> open;
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) {
      if (src(x, y) == 0 || out(x, y) != 0) continue;
      out(x, y) = ++count;
      open.assign(1, {x, y});
      while (!open.empty()) {
        const auto [px, py] = open.back();
        open.pop_back();
        for (const auto& [dx, dy] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
          const int nx = px + dx, ny = py + dy;
          if (nx < 0 || ny < 0 || nx >= src.width() || ny >= src.height()) continue;
          if (out(nx, ny) != 0 || src(nx, ny) != src(x, y)) continue;
          out(nx, ny) = count;
          open.emplace_back(nx, ny);
        }
      }
    }
  return out;
}

inline std::uint32_t highest_label(const Labels& labels) {
  std::uint32_t most = 0;
  for (std::int64_t i = 0; i < labels.extent().area(); ++i) most = std::max(most, labels.data()[i]);
  return most;
}

/// Numbered 1 .. count by first raster pixel, without gaps, each label one 4-connected object.
inline ::testing::AssertionResult is_canonical(const Labels& labels) {
  const Labels parts = flood_fill(labels);
  for (int y = 0; y < labels.height(); ++y)
    for (int x = 0; x < labels.width(); ++x)
      if (parts(x, y) != labels(x, y))
        return ::testing::AssertionFailure()
               << "(" << x << ", " << y << ") is " << labels(x, y) << ", part " << parts(x, y) << " of the flood fill";
  return ::testing::AssertionSuccess();
}

}  // namespace hexaplex::testing
