#include "core/image/tissue_area.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// Pixels between two rectangles, on the axis on which they lie further apart; negative where they overlap.
int gap(Rect a, Rect b) {
  const int across = std::max(a.x, b.x) - std::min(a.right(), b.right());
  const int down = std::max(a.y, b.y) - std::min(a.bottom(), b.bottom());
  return std::max(across, down);
}

// Bounds, in squares, of each set of squares that touch.
std::vector<Rect> boxes_of_parts(const HostPlane<std::uint8_t>& squares) {
  HostPlane<std::uint8_t> unseen = squares.copy();
  std::vector<Rect> boxes;
  std::vector<std::pair<int, int>> todo;
  const auto visit = [&](int x, int y) {
    if (unseen(x, y) == 0) return;
    unseen(x, y) = 0;
    todo.emplace_back(x, y);
  };
  for (int y = 0; y < unseen.height(); ++y)
    for (int x = 0; x < unseen.width(); ++x) {
      if (unseen(x, y) == 0) continue;
      Rect box{x, y, 1, 1};
      visit(x, y);
      while (!todo.empty()) {
        const auto [column, row] = todo.back();
        todo.pop_back();
        box = bounds(box, {column, row, 1, 1});
        for (int v = std::max(0, row - 1); v <= std::min(unseen.height() - 1, row + 1); ++v)
          for (int u = std::max(0, column - 1); u <= std::min(unseen.width() - 1, column + 1); ++u) visit(u, v);
      }
      boxes.push_back(box);
    }
  return boxes;
}

}  // namespace

int least_gap_px(Extent slide) {
  return std::max(128, std::max(slide.width, slide.height) / 1000);
}

TissueArea::TissueArea(Extent slide) : slide_(slide), pixels_(slide.empty() ? 0 : slide.area()) {
  if (!slide.empty()) pieces_.push_back({0, 0, slide.width, slide.height});
}

TissueArea::TissueArea(Extent slide, std::vector<Rect> pieces) : slide_(slide), pieces_(std::move(pieces)) {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Rect& p = pieces_[i];
    HX_EXPECT(!p.extent().empty() && p.x >= 0 && p.y >= 0 && p.right() <= slide.width && p.bottom() <= slide.height,
              "a piece of tissue lies inside its slide and has pixels");
    for (std::size_t k = 0; k < i; ++k)
      HX_EXPECT(gap(p, pieces_[k]) >= least_gap_px(slide), "pieces of tissue lie apart");
    pixels_ += p.area();
  }
}

TissueArea::TissueArea(Extent slide, const HostPlane<std::uint8_t>& squares, int square_px) : slide_(slide) {
  HX_EXPECT(square_px > 0, "a square has pixels");
  const auto count = [square_px](int pixels) { return (pixels + square_px - 1) / square_px; };
  const Extent grid{count(slide.width), count(slide.height)};
  HX_EXPECT(squares.extent() == grid, "the squares must cover the slide");
  auto rows = std::make_shared<Squares>();
  rows->side = square_px;
  rows->grid = grid;
  rows->runs.resize(static_cast<std::size_t>(grid.height));
  for (int y = 0; y < grid.height; ++y)
    for (int x = 0; x < grid.width;) {
      if (squares(x, y) == 0) {
        ++x;
        continue;
      }
      const int first = x;
      while (x < grid.width && squares(x, y) != 0) ++x;
      rows->runs[static_cast<std::size_t>(y)].emplace_back(first, x);
    }
  squares_ = std::move(rows);
  const Rect all{0, 0, slide.width, slide.height};
  std::vector<Rect> boxes = boxes_of_parts(squares);
  for (Rect& b : boxes)  // the last squares are cut by the slide's edge
    b = common({b.x * square_px, b.y * square_px, b.width * square_px, b.height * square_px}, all);
  pieces_ = joined_pieces(std::move(boxes), least_gap_px(slide));
  for_each_run(all, [&](Rect r) { pixels_ += r.area(); });
}

std::optional<std::size_t> TissueArea::piece_around(Rect window) const {
  for (std::size_t i = 0; i < pieces_.size(); ++i)
    if (common(pieces_[i], window) == window) return i;
  return std::nullopt;
}

std::vector<Rect> TissueArea::parts(std::span<const Rect> windows) const {
  std::vector<Rect> out;
  for (const Rect& w : windows)
    for (const Rect& p : pieces_)
      if (const Rect part = common(w, p); !part.extent().empty()) out.push_back(part);
  return out;
}

// Calls f(rect) for the tissue of a window, at most one row of squares high, in raster order.
template <class F>
void TissueArea::for_each_run(Rect window, F f) const {
  const int side = squares_->side;
  const int last = std::min(squares_->grid.height - 1, (window.bottom() - 1) / side);
  for (int row = window.y / side; row <= last; ++row)
    for (const auto& [first, end] : squares_->runs[static_cast<std::size_t>(row)])
      if (const Rect r = common({first * side, row * side, (end - first) * side, side}, window); r.area() > 0) f(r);
}

std::vector<Rect> TissueArea::tissue(Rect window) const {
  if (squares_ == nullptr) return parts({&window, 1});
  std::vector<Rect> out;
  std::vector<std::size_t> above, here;  // which of them reach down to this row, and which lie in it
  int y = window.y;
  for_each_run(window, [&](Rect r) {
    if (r.y != y) {
      above.swap(here);
      here.clear();
      y = r.y;
    }
    const auto goes_on = std::find_if(above.begin(), above.end(), [&](std::size_t i) {
      return out[i].x == r.x && out[i].width == r.width && out[i].bottom() == r.y;
    });
    if (goes_on != above.end()) {
      out[*goes_on].height += r.height;
      here.push_back(*goes_on);
    } else {
      here.push_back(out.size());
      out.push_back(r);
    }
  });
  return out;
}

bool TissueArea::any_tissue(Rect window) const {
  if (squares_ == nullptr) return !parts({&window, 1}).empty();
  bool any = false;
  for_each_run(window, [&](Rect) { any = true; });
  return any;
}

void clear_outside(Rect window, std::span<const Rect> kept, Plane<float> pixels) {
  if (kept.size() == 1 && kept[0] == window) return;
  std::vector<Rect> across;
  for (int y = 0; y < window.height; ++y) {
    across.clear();
    for (const Rect& r : kept)
      if (r.y <= window.y + y && window.y + y < r.bottom()) across.push_back(r);
    std::sort(across.begin(), across.end(), [](const Rect& a, const Rect& b) { return a.x < b.x; });
    float* row = pixels.row(y);
    int x = 0;
    for (const Rect& r : across) {
      std::fill(row + x, row + (r.x - window.x), 0.0f);
      x = r.right() - window.x;
    }
    std::fill(row + x, row + window.width, 0.0f);
  }
}

std::vector<Rect> tissue_tiles(const TissueArea& area, TileShape tile_px) {
  std::vector<Rect> cores;
  for (const Tile& t : make_tiles(area.slide(), tile_px, 0)) cores.push_back(t.core);
  return area.parts(cores);
}

std::vector<Rect> joined_pieces(std::vector<Rect> rects, int least_gap_px) {
  std::erase_if(rects, [](const Rect& r) { return r.extent().empty(); });
  for (bool joined = true; joined;) {
    joined = false;
    for (std::size_t i = 0; i < rects.size(); ++i)
      for (std::size_t k = i + 1; k < rects.size();) {
        if (gap(rects[i], rects[k]) >= least_gap_px) {
          ++k;
          continue;
        }
        rects[i] = bounds(rects[i], rects[k]);
        rects.erase(rects.begin() + static_cast<std::ptrdiff_t>(k));
        joined = true;
      }
  }
  std::sort(rects.begin(), rects.end(),
            [](const Rect& a, const Rect& b) { return std::tie(a.y, a.x) < std::tie(b.y, b.x); });
  return rects;
}

}  // namespace hexaplex
