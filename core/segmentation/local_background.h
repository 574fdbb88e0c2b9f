#pragma once

#include <cstdint>
#include <vector>

#include "core/image/tissue_area.h"
#include "core/segmentation/nuclei.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// How the background of a nuclear image is found.
struct BackgroundRule {
  int square_px = 0;           ///< side of the squares
  std::uint16_t stained = 0;   ///< pixels below are glass
  std::uint16_t at_least = 0;  ///< what all tissue of the slide has
};

/// What the tissue around a place has of a stain that nuclei have more of, in counts: in squares of the slide a sixth
/// of the stained pixels have less, and between the centres of squares it is interpolated. It is nowhere below what
/// all tissue has; squares with less than a tenth of stained pixels have just that. In whole numbers of the slide's own
/// squares: windows and tiles change nothing.
class LocalBackground {
 public:
  LocalBackground() = default;

  /// @param counts  reads windows of the image that lie in a piece; called from several threads
  LocalBackground(CpuQueue& q, const TissueArea& area, const BackgroundRule& rule, const WindowLoader& counts);

  bool empty() const { return levels_.empty(); }

  /// Takes it away from the counts of a window; what is below becomes 0.
  void subtract(Rect window, Plane<std::uint16_t> counts) const;

 private:
  std::uint16_t level_at(int column, int row) const;  // of the nearest square

  BackgroundRule rule_;
  int columns_ = 0, rows_ = 0;
  std::vector<std::uint16_t> levels_;
};

}  // namespace hexaplex
