#pragma once

#include <type_traits>

#include "kernels/runtime/error.h"
#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/level_extremes.h"
#include "kernels/segment/level_runs.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/local_threshold_pixel.h"

namespace hexaplex::detail {

/// Calls f with an integral constant: the logarithm of a stride of level_stride.
template <class F>
void with_level_bits(int stride, const F& f) {
  static_assert(kLargestLevelStride == 1 << 6);
  switch (stride) {
    case 1:
      return f(std::integral_constant<int, 0>{});
    case 2:
      return f(std::integral_constant<int, 1>{});
    case 4:
      return f(std::integral_constant<int, 2>{});
    case 8:
      return f(std::integral_constant<int, 3>{});
    case 16:
      return f(std::integral_constant<int, 4>{});
    case 32:
      return f(std::integral_constant<int, 5>{});
    default:
      return f(std::integral_constant<int, 6>{});
  }
}

/// Memory: 6 bytes a cell, and what the Gaussian takes.
template <class Q>
void local_level_chain(const Q& q, Plane<const std::uint16_t> src, const LocalLevelParams& p,
                       Plane<std::uint16_t> level) {
  const LevelSteps steps = level_steps(p.window_px);
  HX_EXPECT(steps.radius_cells <= WindowExtremes::kMostRadius, "windows span at most 17 cells");
  const Extent grid = level.extent;
  const WorkBuffer<std::uint32_t, Q> cell_extremes(q, grid.area());
  const WorkBuffer<std::uint16_t, Q> mixed_pixels(q, grid.area());
  const Plane<std::uint32_t> cells{cell_extremes.data(), grid, grid.width};
  const Plane<std::uint16_t> mixed{mixed_pixels.data(), grid, grid.width};
  with_level_bits(steps.stride, [&](auto bits) {
    using Cells = CellExtremes<decltype(bits)::value>;
    const Cells f{src, cells, Cells::tiles_over(src.extent)};
    for_each_block(q, f.tiles.count(), f, "extremes of cells");
  });
  const WindowExtremes windows{cells, steps.radius_cells, level_share(p.fraction), mixed,
                               WindowExtremes::tiles_over(grid)};
  for_each_block(q, windows.tiles.count(), windows, "extremes of windows");
  gaussian_blur(q, mixed, level, steps.smooth);
}

/// Memory: none.
template <class Q>
void above_level_chain(const Q& q, Plane<const std::uint16_t> src, const LevelView& level, std::uint16_t floor,
                       Plane<std::uint8_t> mask) {
  constexpr const char* kWhat = "comparing with a local level";
  if (!is_level_stride(level.stride))
    return for_each_pixel(q, mask.extent, AboveLevelPixel{src, level, floor, mask}, kWhat);
  with_level_bits(level.stride, [&](auto bits) {
    using Run = AboveLevelRun<decltype(bits)::value>;
    for_each_pixel(q, runs_of(mask.extent, Run::kRun), Run{src, {level.level, decltype(bits)::value}, floor, mask},
                   kWhat);
  });
}

}  // namespace hexaplex::detail
