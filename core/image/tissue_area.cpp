#include "core/image/tissue_area.h"

#include <algorithm>
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

}  // namespace

TissueArea::TissueArea(Extent slide) : slide_(slide) {
  if (!slide.empty()) pieces_.push_back({0, 0, slide.width, slide.height});
}

TissueArea::TissueArea(Extent slide, std::vector<Rect> pieces) : slide_(slide), pieces_(std::move(pieces)) {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Rect& p = pieces_[i];
    HX_EXPECT(!p.extent().empty() && p.x >= 0 && p.y >= 0 && p.right() <= slide.width && p.bottom() <= slide.height,
              "a piece of tissue lies inside its slide and has pixels");
    for (std::size_t k = 0; k < i; ++k) HX_EXPECT(gap(p, pieces_[k]) >= kLeastGapPx, "pieces of tissue lie apart");
  }
}

std::int64_t TissueArea::pixels() const {
  std::int64_t sum = 0;
  for (const Rect& p : pieces_) sum += p.area();
  return sum;
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

std::vector<Rect> tissue_tiles(const TissueArea& area, TileShape tile_px) {
  std::vector<Rect> cores;
  for (const Tile& t : make_tiles(area.slide(), tile_px, 0)) cores.push_back(t.core);
  return area.parts(cores);
}

std::vector<Rect> joined_pieces(std::vector<Rect> rects) {
  std::erase_if(rects, [](const Rect& r) { return r.extent().empty(); });
  for (bool joined = true; joined;) {
    joined = false;
    for (std::size_t i = 0; i < rects.size(); ++i)
      for (std::size_t k = i + 1; k < rects.size();) {
        if (gap(rects[i], rects[k]) >= kLeastGapPx) {
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
