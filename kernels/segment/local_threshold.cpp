#include "kernels/segment/local_threshold.h"

#include <algorithm>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/local_threshold_pixel.h"

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
void cell_extremes(const CpuQueue& q, Plane<const std::uint16_t> src, int stride, Plane<std::uint16_t> low,
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
void window_extreme(const CpuQueue& q, Plane<std::uint16_t> grid, int r, Pick pick) {
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

}  // namespace

int level_stride(int window_px) {
  int stride = 1;
  while (stride * 2 <= window_px / 7 && stride < kLargestLevelStride) stride *= 2;
  return stride;
}

int level_halo(const LocalLevelParams& p) {
  const detail::LevelSteps steps = detail::level_steps(p.window_px);
  return steps.stride * (steps.radius_cells + gaussian_halo(steps.smooth) + 2);
}

Extent level_extent(Extent src, int window_px) {
  const int stride = level_stride(window_px);
  return {(src.width + stride - 1) / stride, (src.height + stride - 1) / stride};
}

void local_level(const Queue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p,
                 Plane<std::uint16_t> level) {
  HX_EXPECT(p.window_px >= 3 && p.window_px <= 1024, "window_px must lie in 3..1024");
  HX_EXPECT(p.fraction >= 0 && p.fraction <= 1, "fraction must lie in 0..1");
  HX_EXPECT(level.extent == level_extent(src.extent, p.window_px), "level has another extent than the cells of src");
  HX_EXPECT(!share_memory(src, level), "level must not overlap src");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::local_level(queue, src, p, level); }, q);
}

LevelGrid local_level(const CpuQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p) {
  LevelGrid out{level_stride(p.window_px), HostPlane<std::uint16_t>(level_extent(src.extent, p.window_px))};
  local_level(q, src, p, out.level.view());
  return out;
}

void level_row(const LevelView& grid, int y, int width, std::uint32_t* out) {
  const int s = grid.stride, last = grid.level.width() - 1;
  const detail::LevelPlace down = detail::level_place(y, s, grid.level.height());
  const std::uint16_t *upper = grid.level.row(down.first), *lower = grid.level.row(down.second);
  // One cell after the other: between two cell centres the level is linear in x.
  for (int cell = -1; cell <= last; ++cell) {
    const int c0 = std::max(cell, 0), c1 = std::min(cell + 1, last);
    const std::uint32_t left = detail::between_levels(upper[c0], lower[c0], down.weight, s);
    const std::uint32_t right = detail::between_levels(upper[c1], lower[c1], down.weight, s);
    const int begin = std::max(0, cell * s + s / 2), end = std::min(width, (cell + 1) * s + s / 2);
    for (int x = begin; x < end; ++x)
      out[x] = detail::between_levels(left, right, static_cast<std::uint32_t>(2 * x + 1 - s - cell * 2 * s), s);
  }
}

void above_level(const Queue& q, Plane<const std::uint16_t> src, const LevelView& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask) {
  HX_EXPECT(src.extent == mask.extent, "src and mask extents differ");
  if (src.extent.empty()) return;
  HX_EXPECT(level.stride >= 1 && !level.level.extent.empty(), "src has pixels, but its level has no cells");
  std::visit([&](const auto& queue) { detail::above_level(queue, src, level, floor, mask); }, q);
}

namespace detail {

LevelSteps level_steps(int window_px) {
  const int stride = level_stride(window_px);
  return {stride, std::max(1, (window_px / stride) / 2), {std::max(0.5, 0.5 * window_px / stride)}};
}

void local_level(const CpuQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p,
                 Plane<std::uint16_t> level) {
  const LevelSteps steps = level_steps(p.window_px);
  const Extent cells = level.extent;
  HostPlane<std::uint16_t> low(cells), high(cells);
  cell_extremes(q, src, steps.stride, low.view(), high.view());
  window_extreme(q, low.view(), steps.radius_cells, [](std::uint16_t a, std::uint16_t b) { return std::min(a, b); });
  const std::uint32_t share = level_share(p.fraction);
  if (share > 0) {
    window_extreme(q, high.view(), steps.radius_cells, [](std::uint16_t a, std::uint16_t b) { return std::max(a, b); });
    for (int y = 0; y < cells.height; ++y)
      for (int x = 0; x < cells.width; ++x) low(x, y) = mixed_level(low(x, y), high(x, y), share);
  }
  gaussian_blur(q, low.view(), level, steps.smooth);
}

void above_level(const CpuQueue& q, Plane<const std::uint16_t> src, const LevelView& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask) {
  for_each_band(q, src.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint32_t> row(src.width());
    for (int y = static_cast<int>(begin); y < end; ++y) {
      level_row(level, y, src.width(), row.data());
      above_row(src.row(y), row.data(), level_unit(level.stride), floor, mask.row(y), src.width());
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
