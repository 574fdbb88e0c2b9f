#pragma once

#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/local_threshold_pixel.h"

namespace hexaplex::detail {

/// Extremes of a piece of an image.
struct Extremes {
  std::uint16_t low = 65535, high = 0;

  HX_HD void add(std::uint16_t l, std::uint16_t h) {
    low = l < low ? l : low;
    high = h > high ? h : high;
  }
};

/// The lower and upper extremes of an image, or of a grid of cells.
struct ExtremesPlanes {
  Plane<std::uint16_t> low, high;

  HX_HD void put(int x, int y, const Extremes& e) const {
    low(x, y) = e.low;
    high(x, y) = e.high;
  }
};

/// Down a cell's part of one column of pixels: neighbours read neighbours.
struct ColumnExtremes {
  Plane<const std::uint16_t> src;
  int stride;
  ExtremesPlanes out;

  HX_HD void operator()(int x, int cell) const {
    const int top = cell * stride, bottom = top + stride < src.height() ? top + stride : src.height();
    Extremes e;
    for (int y = top; y < bottom; ++y) e.add(src(x, y), src(x, y));
    out.put(x, cell, e);
  }
};

/// Over 2 * radius + 1 cells along the row, each `stride` columns wide.
struct RowExtremes {
  ExtremesPlanes columns;
  int stride, radius;
  ExtremesPlanes out;

  HX_HD void operator()(int cell, int y) const {
    const int first = (cell - radius) * stride, last = (cell + radius + 1) * stride;
    const int left = first > 0 ? first : 0, right = last < columns.low.width() ? last : columns.low.width();
    Extremes e;
    for (int x = left; x < right; ++x) e.add(columns.low(x, y), columns.high(x, y));
    out.put(cell, y, e);
  }
};

/// Over 2 * radius + 1 cells down the column, mixed.
struct MixExtremes {
  ExtremesPlanes rows;
  int radius;
  std::uint32_t share;
  Plane<std::uint16_t> out;

  HX_HD void operator()(int x, int y) const {
    const int top = y - radius > 0 ? y - radius : 0;
    const int bottom = y + radius + 1 < out.height() ? y + radius + 1 : out.height();
    Extremes e;
    for (int v = top; v < bottom; ++v) e.add(rows.low(x, v), rows.high(x, v));
    out(x, y) = mixed_level(e.low, e.high, share);
  }
};

/// Memory: 4 bytes for each column of the image in each row of cells, 6 bytes a cell, and what the Gaussian takes.
template <class Q>
void local_level_chain(const Q& q, Plane<const std::uint16_t> src, const LocalLevelParams& p,
                       Plane<std::uint16_t> level) {
  const LevelSteps steps = level_steps(p.window_px);
  const Extent cells = level.extent, slices{src.width(), cells.height};
  const auto packed = [](std::uint16_t* data, Extent e) { return Plane<std::uint16_t>{data, e, e.width}; };
  const WorkBuffer<std::uint16_t, Q> column_pixels(q, 2 * slices.area()), row_pixels(q, 2 * cells.area());
  const WorkBuffer<std::uint16_t, Q> mixed_pixels(q, cells.area());
  const ExtremesPlanes columns{packed(column_pixels.data(), slices),
                               packed(column_pixels.data() + slices.area(), slices)};
  const ExtremesPlanes rows{packed(row_pixels.data(), cells), packed(row_pixels.data() + cells.area(), cells)};
  const Plane<std::uint16_t> mixed = packed(mixed_pixels.data(), cells);
  for_each_pixel(q, slices, ColumnExtremes{src, steps.stride, columns}, "extremes of columns");
  for_each_pixel(q, cells, RowExtremes{columns, steps.stride, steps.radius_cells, rows}, "extremes along rows");
  for_each_pixel(q, cells, MixExtremes{rows, steps.radius_cells, level_share(p.fraction), mixed},
                 "extremes of windows");
  gaussian_blur(q, mixed, level, steps.smooth);
}

}  // namespace hexaplex::detail
