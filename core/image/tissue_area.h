#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/image/tiles.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Pieces lie at least this far apart, so that a pixel of a picture averaged down less than that shows one of them.
inline constexpr int kLeastGapPx = 128;

/// Where a slide is analysed: rectangles that lie apart from each other, the pieces. Between them is glass: nothing is
/// unmixed, looked for or kept there.
class TissueArea {
 public:
  TissueArea() = default;

  /// All of a slide: one piece, or none of an empty slide.
  TissueArea(Extent slide);  // NOLINT: a slide of which nothing is known is tissue

  /// @param pieces  inside the slide, not empty, kLeastGapPx apart
  /// Throws: InvalidArgument
  TissueArea(Extent slide, std::vector<Rect> pieces);

  Extent slide() const { return slide_; }
  const std::vector<Rect>& pieces() const { return pieces_; }
  std::int64_t pixels() const;  ///< of all pieces

  /// Whether the slide is one piece.
  bool whole() const { return pieces_.size() == 1 && pieces_[0].extent() == slide_; }

  /// The piece that holds all of the window.
  std::optional<std::size_t> piece_around(Rect window) const;

  /// The parts of the windows that lie in pieces, in the order of the windows.
  std::vector<Rect> parts(std::span<const Rect> windows) const;

 private:
  Extent slide_{};
  std::vector<Rect> pieces_;
};

/// The tiles of a slide, as far as they lie in pieces, in the order of the tiles.
std::vector<Rect> tissue_tiles(const TissueArea& area, TileShape tile_px);

/// Joins rectangles that overlap or lie closer than kLeastGapPx to their common bounds, until none do; in raster order.
std::vector<Rect> joined_pieces(std::vector<Rect> rects);

}  // namespace hexaplex
