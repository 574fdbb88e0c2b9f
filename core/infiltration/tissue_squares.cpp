#include "core/infiltration/tissue_squares.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/image/tile_loop.h"
#include "core/spatial/squared_distance.h"
#include "kernels/segment/components.h"

namespace hexaplex::detail {

namespace {

using Mask = HostPlane<std::uint8_t>;

constexpr double kGlassGapUm2 = 20e3;  // as large as what the quality mask calls glass

// Windows of whole squares.
std::vector<Tile> windows_of(const SquareScale& s) {
  return make_tiles(s.slide, std::max(16, std::max(1, 1024 / s.side_px) * s.side_px), 0);
}

// Calls f(square column, row, pixels of the square in the window) for the squares of a window.
template <class F>
void for_each_square(const SquareScale& s, Rect window, F f) {
  for (int y = 0; y < window.height; y += s.side_px)
    for (int x = 0; x < window.width; x += s.side_px)
      f((window.x + x) / s.side_px, (window.y + y) / s.side_px,
        Rect{x, y, std::min(s.side_px, window.width - x), std::min(s.side_px, window.height - y)});
}

void set_run(Mask& mask, const Run& r, std::uint8_t value) {
  std::fill(mask.view().row(r.y) + r.x0, mask.view().row(r.y) + r.x1, value);
}

// Writes `value` over components of `from` for which `f(area in squares, whether it touches the slide's edge)` holds.
template <class F>
void for_components(const CpuQueue& q, Mask& mask, std::uint8_t of, F f) {
  const Components all = mask_components(q, mask.view(), of);
  std::vector<char> at_edge(all.count());
  for (std::size_t i = 0; i < all.runs.size(); ++i) {
    const Run& r = all.runs[i];
    if (r.y == 0 || r.y + 1 == mask.height() || r.x0 == 0 || r.x1 == mask.width()) at_edge[all.component[i]] = 1;
  }
  for (std::size_t i = 0; i < all.runs.size(); ++i)
    f(all.runs[i], all.area_px[all.component[i]], at_edge[all.component[i]] != 0);
}

}  // namespace

SquareScale::SquareScale(Extent of, double um_per_pixel, double wanted_um)
    : slide(of),
      um_per_px(um_per_pixel),
      side_px(std::max(1, static_cast<int>(wanted_um / um_per_pixel + 0.5))),
      side_um(side_px * um_per_pixel) {}

int SquareScale::index(double um, int count) const {
  return std::clamp(static_cast<int>(std::floor((um / um_per_px + 0.5) / side_px)), 0, count - 1);
}

TissueSquares find_tissue_squares(const CpuQueue& q, const ChannelSource& channels, std::span<const double> density,
                                  const SquareScale& scale, double least_density, double hole_um2) {
  TissueSquares out{Mask(scale.grid(), std::uint8_t{0}), Mask(scale.grid(), std::uint8_t{0}),
                    Mask(scale.grid(), std::uint8_t{0})};
  std::vector<int> all(density.size());
  std::iota(all.begin(), all.end(), 0);
  for_each_tile(q, windows_of(scale), [&](CpuQueue& inner, const Tile& tile) {
    if (!channels.area().any_tissue(tile.core)) return;
    const ChannelWindow seen = channels.read(inner, tile.core, all);
    for_each_square(scale, tile.core, [&](int column, int row, Rect r) {
      double sum = 0;
      for (std::size_t c = 0; c < density.size(); ++c) {
        double amount = 0;
        for (int y = r.y; y < r.bottom(); ++y)
          for (int x = r.x; x < r.right(); ++x) amount += static_cast<double>(seen.planes[c](x, y));
        sum += density[c] * amount;
      }
      out.tissue(column, row) = sum >= least_density * static_cast<double>(r.area());
    });
  });
  const double square_um2 = scale.area_um2();
  const auto small = [&](std::int64_t squares) { return static_cast<double>(squares) * square_um2 < hole_um2; };
  for_components(q, out.tissue, 1, [&](const Run& r, std::int64_t area, bool) {
    if (small(area)) set_run(out.tissue, r, 0);
  });
  for_components(q, out.tissue, 0, [&](const Run& r, std::int64_t area, bool at_edge) {
    if (!at_edge && small(area)) return set_run(out.tissue, r, 1);
    const bool glass = at_edge || static_cast<double>(area) * square_um2 >= kGlassGapUm2;
    set_run(glass ? out.outside : out.vessels, r, 1);
  });
  return out;
}

HostPlane<std::uint8_t> covered_squares(const CpuQueue& q, const LabelView& labels, const SquareScale& scale,
                                        std::span<const std::uint32_t> ids, std::span<const std::uint8_t> wanted) {
  Mask out(scale.grid(), std::uint8_t{0});
  for_each_tile(q, windows_of(scale), [&](CpuQueue&, const Tile& tile) {
    if (!labels.area().any_tissue(tile.core)) return;
    const PieceView<std::uint32_t>::Window seen = labels.cell.read(tile.core);
    std::uint32_t last = 0;
    bool last_wanted = false;
    const auto is_wanted = [&](std::uint32_t label) {
      if (label == last) return last_wanted;
      last = label;
      const auto at = std::lower_bound(ids.begin(), ids.end(), label);
      last_wanted =
          label != 0 && at != ids.end() && *at == label && wanted[static_cast<std::size_t>(at - ids.begin())] != 0;
      return last_wanted;
    };
    for_each_square(scale, tile.core, [&](int column, int row, Rect r) {
      std::int64_t covered = 0;
      for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x) covered += is_wanted(seen.pixels(x, y)) ? 1 : 0;
      out(column, row) = 2 * covered >= r.area();
    });
  });
  return out;
}

HostPlane<std::uint8_t> closed(const CpuQueue& q, const HostPlane<std::uint8_t>& mask, double radius) {
  const double reach = radius * radius;
  Mask away(mask.extent());
  {
    const HostPlane<std::int32_t> from = squared_distance(q, mask.view());
    for (std::int64_t i = 0; i < mask.extent().area(); ++i) away.data()[i] = from.data()[i] > reach;
  }
  const HostPlane<std::int32_t> from = squared_distance(q, away.view());
  for (std::int64_t i = 0; i < mask.extent().area(); ++i) away.data()[i] = from.data()[i] > reach;
  return away;
}

}  // namespace hexaplex::detail
