#include "core/quality/tissue_pieces.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/quality/grid.h"

namespace hexaplex {

namespace {

bool is_tissue(Unusable reason) {
  return reason != Unusable::glass && reason != Unusable::not_scanned;
}

// Bounds of the connected part that holds a square, in squares. Visits each of its squares once.
Rect bounds_of_part(SquareMask& unseen, int x, int y) {
  std::vector<std::pair<int, int>> todo{{x, y}};
  unseen(x, y) = 0;
  Rect box{x, y, 1, 1};
  while (!todo.empty()) {
    const auto [column, row] = todo.back();
    todo.pop_back();
    box = bounds(box, {column, row, 1, 1});
    for (int v = std::max(0, row - 1); v <= std::min(unseen.height() - 1, row + 1); ++v)
      for (int u = std::max(0, column - 1); u <= std::min(unseen.width() - 1, column + 1); ++u)
        if (unseen(u, v) != 0) {
          unseen(u, v) = 0;
          todo.emplace_back(u, v);
        }
  }
  return box;
}

}  // namespace

TissueArea tissue_pieces(const QualityMask& mask) {
  SquareMask unseen(mask.grid(), std::uint8_t{0});
  for (int y = 0; y < unseen.height(); ++y)
    for (int x = 0; x < unseen.width(); ++x) unseen(x, y) = is_tissue(mask.square(x, y)) ? 1 : 0;
  const int margin = static_cast<int>(std::ceil(kTissueMarginUm / mask.um_per_px()));
  const Extent slide = mask.slide();
  std::vector<Rect> boxes;
  for (int y = 0; y < unseen.height(); ++y)
    for (int x = 0; x < unseen.width(); ++x) {
      if (unseen(x, y) == 0) continue;
      const Rect b = bounds_of_part(unseen, x, y);
      // The last squares are cut by the slide's edge.
      const Rect px = common({b.x * kQualitySquarePx, b.y * kQualitySquarePx, b.width * kQualitySquarePx,
                              b.height * kQualitySquarePx},
                             {0, 0, slide.width, slide.height});
      boxes.push_back(widened(px, margin, slide));
    }
  return {slide, joined_pieces(std::move(boxes))};
}

}  // namespace hexaplex
