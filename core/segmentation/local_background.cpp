#include "core/segmentation/local_background.h"

#include <algorithm>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kSquaresAtOnce = 8;  // a side of what is read at a time
constexpr int kFractionBits = 8;   // of an interpolated level

int squares_over(int pixels, int side) {
  return (pixels - 1) / side + 1;
}

// A place between the centres of squares: the one before it, and how far it is behind that, in halves of pixels.
struct Between {
  int before;
  std::int64_t way;  // of 2 * side
};

Between between_squares(int pixel, int side) {
  const std::int64_t halves = 2 * std::int64_t{pixel} + 1 - side, step = 2 * std::int64_t{side};
  const std::int64_t before = halves < 0 ? -1 : halves / step;
  return {static_cast<int>(before), halves - before * step};
}

// The level that a sixth of the stained pixels of a square lie below.
std::uint16_t level_of(std::vector<std::uint16_t>& stained, const BackgroundRule& rule) {
  const std::size_t few = static_cast<std::size_t>(rule.square_px) * static_cast<std::size_t>(rule.square_px) / 10;
  if (stained.size() <= few) return rule.at_least;
  const auto at = stained.begin() + static_cast<std::ptrdiff_t>(stained.size() / 6);
  std::nth_element(stained.begin(), at, stained.end());
  return std::max(*at, rule.at_least);
}

}  // namespace

LocalBackground::LocalBackground(CpuQueue& q, const TissueArea& area, const BackgroundRule& rule,
                                 const WindowLoader& counts)
    : rule_(rule) {
  const Extent slide = area.slide();
  if (slide.empty()) return;
  HX_EXPECT(rule.square_px > 0, "squares need a side");
  const int side = rule.square_px;
  columns_ = squares_over(slide.width, side), rows_ = squares_over(slide.height, side);
  levels_.assign(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_), rule.at_least);
  const int across = squares_over(columns_, kSquaresAtOnce), down = squares_over(rows_, kSquaresAtOnce);
  for_each_task(q, std::int64_t{across} * down, [&](std::int64_t task) {
    CpuQueue one{1};
    const int first_column = static_cast<int>(task % across) * kSquaresAtOnce;
    const int first_row = static_cast<int>(task / across) * kSquaresAtOnce;
    const int left = first_column * side, top = first_row * side, reach = kSquaresAtOnce * side;
    const Rect window{left, top, std::min(reach, slide.width - left), std::min(reach, slide.height - top)};
    std::vector<std::uint16_t> stained[kSquaresAtOnce][kSquaresAtOnce];
    for (const Rect& part : area.parts({&window, 1})) {
      const std::vector<Rect> tissue = area.tissue(part);
      if (tissue.empty()) continue;
      HostPlane<std::uint16_t> seen(part.extent());
      counts(one, part, seen.view());
      for (const Rect& r : tissue)
        for (int y = r.y; y < r.bottom(); ++y)
          for (int x = r.x; x < r.right(); ++x)
            if (const std::uint16_t v = seen(x - part.x, y - part.y); v >= rule.stained)
              stained[(y - top) / side][(x - left) / side].push_back(v);
    }
    for (int row = 0; row < std::min(kSquaresAtOnce, rows_ - first_row); ++row)
      for (int column = 0; column < std::min(kSquaresAtOnce, columns_ - first_column); ++column)
        levels_[static_cast<std::size_t>(first_row + row) * static_cast<std::size_t>(columns_) +
                static_cast<std::size_t>(first_column + column)] = level_of(stained[row][column], rule);
  });
}

std::uint16_t LocalBackground::level_at(int column, int row) const {
  return levels_[static_cast<std::size_t>(std::clamp(row, 0, rows_ - 1)) * static_cast<std::size_t>(columns_) +
                 static_cast<std::size_t>(std::clamp(column, 0, columns_ - 1))];
}

void LocalBackground::subtract(Rect window, Plane<std::uint16_t> counts) const {
  HX_EXPECT(counts.extent == window.extent(), "counts are of a window");
  const std::int64_t whole = 2 * std::int64_t{rule_.square_px};
  const int first = between_squares(window.x, rule_.square_px).before;
  const int last = between_squares(window.right() - 1, rule_.square_px).before + 1;
  std::vector<std::int64_t> of_column(static_cast<std::size_t>(last - first + 1));
  for (int y = 0; y < window.height; ++y) {
    const auto [above, way_down] = between_squares(window.y + y, rule_.square_px);
    for (int c = first; c <= last; ++c)
      of_column[static_cast<std::size_t>(c - first)] =
          (level_at(c, above) * (whole - way_down) + level_at(c, above + 1) * way_down) * (1 << kFractionBits) / whole;
    std::uint16_t* const row = counts.row(y);
    for (int x = 0; x < window.width;) {
      const auto [before, way] = between_squares(window.x + x, rule_.square_px);
      const std::int64_t from = of_column[static_cast<std::size_t>(before - first)];
      const std::int64_t slope =
          (of_column[static_cast<std::size_t>(before - first + 1)] - from) * (1 << kFractionBits) / whole;
      // Two halves of a pixel a step, up to the next centre.
      for (std::int64_t w = way; w < whole && x < window.width; w += 2, ++x) {
        const std::int64_t level = (from * (1 << kFractionBits) + slope * w) >> (2 * kFractionBits);
        row[x] = static_cast<std::uint16_t>(std::max<std::int64_t>(row[x] - level, 0));
      }
    }
  }
}

}  // namespace hexaplex
