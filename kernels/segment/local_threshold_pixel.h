#pragma once

#include <cstdint>

#include "kernels/filter/gaussian.h"
#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/plane.h"
#include "kernels/segment/local_threshold.h"

namespace hexaplex::detail {

/// What a window comes to on the grid of cells.
struct LevelSteps {
  int stride;
  int radius_cells;       ///< of the window of the extremes
  GaussianParams smooth;  ///< in cells
};
LevelSteps level_steps(int window_px);

/// A fraction in 2^-16.
inline std::uint32_t level_share(double fraction) {
  return static_cast<std::uint32_t>(fraction * 65536 + 0.5);
}

HX_HD inline std::uint16_t mixed_level(std::uint16_t low, std::uint16_t high, std::uint32_t share) {
  const std::uint64_t rise = static_cast<std::uint64_t>(high - low) * share;
  return static_cast<std::uint16_t>(low + ((rise + 32768) >> 16));
}

/// One over the unit in which interpolated levels count.
HX_HD inline std::uint32_t level_unit(int stride) {
  return static_cast<std::uint32_t>(4 * stride * stride);
}

/// The two cells between whose centres a row or column lies, and the weight of the second in 1 / (2 stride).
struct LevelPlace {
  int first, second;
  std::uint32_t weight;
};
HX_HD inline LevelPlace level_place(int v, int stride, int cells) {
  const int steps = 2 * stride;
  const int t = 2 * v + 1 - stride;  // in 1 / (2 stride) of a cell from the centre of cell 0
  const int cell = t >= 0 ? t / steps : -((-t + steps - 1) / steps);
  return {nearest_inside(cell, cells), nearest_inside(cell + 1, cells), static_cast<std::uint32_t>(t - cell * steps)};
}

HX_HD inline std::uint32_t between_levels(std::uint32_t first, std::uint32_t second, std::uint32_t weight, int stride) {
  return first * (static_cast<std::uint32_t>(2 * stride) - weight) + second * weight;
}

/// The interpolated level of one pixel, in 1 / level_unit: down the columns, then along the row.
HX_HD inline std::uint32_t level_at(const LevelView& grid, int x, int y) {
  const LevelPlace across = level_place(x, grid.stride, grid.level.width());
  const LevelPlace down = level_place(y, grid.stride, grid.level.height());
  const std::uint16_t *upper = grid.level.row(down.first), *lower = grid.level.row(down.second);
  const std::uint32_t left = between_levels(upper[across.first], lower[across.first], down.weight, grid.stride);
  const std::uint32_t right = between_levels(upper[across.second], lower[across.second], down.weight, grid.stride);
  return between_levels(left, right, across.weight, grid.stride);
}

struct AboveLevelPixel {
  Plane<const std::uint16_t> src;
  LevelView level;
  std::uint16_t floor;
  Plane<std::uint8_t> mask;

  HX_HD void operator()(int x, int y) const {
    const std::uint16_t v = src(x, y);
    mask(x, y) = v * level_unit(level.stride) > level_at(level, x, y) && v > floor ? 1 : 0;
  }
};

}  // namespace hexaplex::detail
