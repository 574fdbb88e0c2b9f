#include "kernels/segment/local_threshold.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/filter/gaussian.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

HX_CLONES void extremes_of_row(const std::uint16_t* src, std::uint16_t* low, std::uint16_t* high, int n) {
  for (int x = 0; x < n; ++x) {
    low[x] = std::min(low[x], src[x]);
    high[x] = std::max(high[x], src[x]);
  }
}

HX_CLONES void above_row(const std::uint16_t* src, const std::uint32_t* level, std::uint32_t scale, std::uint16_t floor,
                         std::uint8_t* mask, int n) {
  for (int x = 0; x < n; ++x) mask[x] = static_cast<std::uint8_t>((src[x] * scale > level[x]) & (src[x] > floor));
}

// Extremes of each cell of stride x stride pixels; cells at the right and lower end may be smaller.
void cell_extremes(CpuQueue& q, Plane<const std::uint16_t> src, int stride, Plane<std::uint16_t> low,
                   Plane<std::uint16_t> high) {
  for_each_band(q, low.height(), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint16_t> lo(src.width()), hi(src.width());
    for (int cy = static_cast<int>(begin); cy < end; ++cy) {
      std::fill(lo.begin(), lo.end(), std::uint16_t{65535});
      std::fill(hi.begin(), hi.end(), std::uint16_t{0});
      for (int y = cy * stride; y < std::min(src.height(), (cy + 1) * stride); ++y)
        extremes_of_row(src.row(y), lo.data(), hi.data(), src.width());
      for (int cx = 0; cx < low.width(); ++cx) {
        const int x0 = cx * stride, x1 = std::min(src.width(), x0 + stride);
        low(cx, cy) = *std::min_element(lo.begin() + x0, lo.begin() + x1);
        high(cx, cy) = *std::max_element(hi.begin() + x0, hi.begin() + x1);
      }
    }
  });
}

// Minimum or maximum over 2 r + 1 cells along rows, then along columns. The grid is small: plain loops.
template <class Pick>
void window_extreme(CpuQueue& q, Plane<std::uint16_t> grid, int r, Pick pick) {
  HostPlane<std::uint16_t> rows(grid.extent);
  for_each_band(q, grid.height(), 16, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < grid.width(); ++x) {
        std::uint16_t v = grid(x, y);
        for (int k = std::max(0, x - r); k <= std::min(grid.width() - 1, x + r); ++k) v = pick(v, grid(k, y));
        rows(x, y) = v;
      }
  });
  for_each_band(q, grid.height(), 16, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      std::uint16_t* out = grid.row(y);
      for (int x = 0; x < grid.width(); ++x) out[x] = rows(x, y);
      for (int k = std::max(0, y - r); k <= std::min(grid.height() - 1, y + r); ++k)
        for (int x = 0; x < grid.width(); ++x) out[x] = pick(out[x], rows(x, k));
    }
  });
}

int window_radius_cells(int window_px, int stride) {
  return std::max(1, (window_px / stride) / 2);
}

GaussianParams level_smoothing(int window_px, int stride) {
  return {std::max(0.5, 0.5 * window_px / stride)};
}

}  // namespace

int level_stride(int window_px) {
  int stride = 1;
  while (stride * 2 <= window_px / 7 && stride < kLargestLevelStride) stride *= 2;
  return stride;
}

int level_halo(const LocalLevelParams& p) {
  const int stride = level_stride(p.window_px);
  return stride * (window_radius_cells(p.window_px, stride) + gaussian_halo(level_smoothing(p.window_px, stride)) + 2);
}

LevelGrid local_level(CpuQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p) {
  HX_EXPECT(p.window_px >= 3 && p.window_px <= 1024, "window_px must lie in 3..1024");
  HX_EXPECT(p.fraction >= 0 && p.fraction <= 1, "fraction must lie in 0..1");
  const int stride = level_stride(p.window_px);
  const Extent cells{(src.width() + stride - 1) / stride, (src.height() + stride - 1) / stride};
  HostPlane<std::uint16_t> low(cells), high(cells);
  if (cells.empty()) return {stride, std::move(low)};
  cell_extremes(q, src, stride, low.view(), high.view());
  const int r = window_radius_cells(p.window_px, stride);
  window_extreme(q, low.view(), r, [](std::uint16_t a, std::uint16_t b) { return std::min(a, b); });
  const auto weight = static_cast<std::uint32_t>(p.fraction * 65536 + 0.5);
  if (weight > 0) {
    window_extreme(q, high.view(), r, [](std::uint16_t a, std::uint16_t b) { return std::max(a, b); });
    for (int y = 0; y < cells.height; ++y)
      for (int x = 0; x < cells.width; ++x) {
        const std::uint32_t rise = high(x, y) - low(x, y);
        low(x, y) = static_cast<std::uint16_t>(low(x, y) + ((static_cast<std::uint64_t>(rise) * weight + 32768) >> 16));
      }
  }
  LevelGrid out{stride, HostPlane<std::uint16_t>(cells)};
  gaussian_blur(q, low.view(), out.level.view(), level_smoothing(p.window_px, stride));
  return out;
}

void level_row(const LevelGrid& grid, int y, int width, std::uint32_t* out) {
  // Twice the position in cells, relative to cell centres: 2 (y + 0.5) / stride - 1, in units of 1 / stride.
  const int s = grid.stride, steps = 2 * s;
  const auto place = [&](int v, int last, int& first, int& second, std::uint32_t& weight) {
    const int t = 2 * v + 1 - s;  // in 1 / (2 s) of a cell from the centre of cell 0
    const int cell = t >= 0 ? t / steps : -((-t + steps - 1) / steps);
    weight = static_cast<std::uint32_t>(t - cell * steps);
    first = std::clamp(cell, 0, last);
    second = std::clamp(cell + 1, 0, last);
  };
  int y0, y1;
  std::uint32_t wy;
  place(y, grid.level.height() - 1, y0, y1, wy);
  const auto upper = grid.level.view().row(y0), lower = grid.level.view().row(y1);
  // One cell after the other: between two cell centres the level is linear in x.
  const int last = grid.level.width() - 1;
  for (int cell = -1; cell <= last; ++cell) {
    const int c0 = std::max(cell, 0), c1 = std::min(cell + 1, last);
    const std::uint32_t left = upper[c0] * (steps - wy) + lower[c0] * wy;
    const std::uint32_t right = upper[c1] * (steps - wy) + lower[c1] * wy;
    const int begin = std::max(0, cell * s + s / 2), end = std::min(width, (cell + 1) * s + s / 2);
    for (int x = begin; x < end; ++x) {
      const auto w = static_cast<std::uint32_t>(2 * x + 1 - s - cell * steps);
      out[x] = left * (steps - w) + right * w;
    }
  }
}

void above_level(CpuQueue& q, Plane<const std::uint16_t> src, const LevelGrid& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask) {
  HX_EXPECT(src.extent == mask.extent, "src and mask extents differ");
  if (src.extent.empty()) return;
  const auto scale = static_cast<std::uint32_t>(4 * level.stride * level.stride);
  for_each_band(q, src.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint32_t> row(src.width());
    for (int y = static_cast<int>(begin); y < end; ++y) {
      level_row(level, y, src.width(), row.data());
      above_row(src.row(y), row.data(), scale, floor, mask.row(y), src.width());
    }
  });
}

}  // namespace hexaplex
