#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/image/tiles.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Pieces lie at least this far apart, so that a pixel of a picture averaged down less than that shows one of them: 128
/// pixels, or a thousandth of the slide's longer side.
int least_gap_px(Extent slide);

/// Where a slide is analysed.
///
/// Tissue is a set of squares. Around its connected parts lie the pieces: boxes apart from each other, which are all
/// that is kept of a slide. In a piece, what is not tissue is there but dark: nothing is read or unmixed there, every
/// channel is 0, and no statistic counts it.
class TissueArea {
 public:
  TissueArea() = default;

  /// All of a slide: one piece, or none of an empty slide.
  TissueArea(Extent slide);  // NOLINT: a slide of which nothing is known is tissue

  /// Pieces that are tissue throughout.
  /// @param pieces  inside the slide, not empty, least_gap_px apart
  /// Throws: InvalidArgument
  TissueArea(Extent slide, std::vector<Rect> pieces);

  /// Squares of a grid that starts at the slide's first pixel; boxes around those that touch, corners too, are joined
  /// where they come closer than least_gap_px.
  /// @param squares  1: tissue; as many as cover the slide
  TissueArea(Extent slide, const HostPlane<std::uint8_t>& squares, int square_px);

  Extent slide() const { return slide_; }
  const std::vector<Rect>& pieces() const { return pieces_; }

  /// Whether the slide is one piece.
  bool whole() const { return pieces_.size() == 1 && pieces_[0].extent() == slide_; }

  /// The piece that holds all of the window.
  std::optional<std::size_t> piece_around(Rect window) const;

  /// The parts of the windows that lie in pieces, in the order of the windows.
  std::vector<Rect> parts(std::span<const Rect> windows) const;

  /// Pixels of tissue, which is what shares and quantiles are of.
  std::int64_t pixels() const { return pixels_; }

  /// The tissue in a window, as rectangles that do not overlap.
  std::vector<Rect> tissue(Rect window) const;
  bool any_tissue(Rect window) const;

 private:
  struct Squares {
    int side = 0;
    Extent grid{};
    std::vector<std::vector<std::pair<int, int>>> runs;  // by row: columns [first, second)
  };
  template <class F>
  void for_each_run(Rect window, F f) const;

  Extent slide_{};
  std::vector<Rect> pieces_;
  std::int64_t pixels_ = 0;
  std::shared_ptr<const Squares> squares_;  // null: pieces are tissue throughout
};

/// Sets the pixels of a window that lie in none of the rectangles to 0.
/// @param kept  inside the window, not overlapping, as TissueArea::tissue gives them
void clear_outside(Rect window, std::span<const Rect> kept, Plane<float> pixels);

/// The tiles of a slide, as far as they lie in pieces, in the order of the tiles.
std::vector<Rect> tissue_tiles(const TissueArea& area, TileShape tile_px);

/// Joins rectangles that overlap or lie closer than this to their common bounds, until none do; in raster order.
std::vector<Rect> joined_pieces(std::vector<Rect> rects, int least_gap_px);

}  // namespace hexaplex
