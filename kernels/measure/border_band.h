#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/measure/label_runs.h"
#include "kernels/measure/row_intervals.h"

namespace hexaplex {

/// Marks the pixels of one region that lie near its border: those with a pixel that is not of the region at a squared
/// distance of at most `reach2_px` (between pixel centres). Nothing outside the image counts as such a pixel.
class BorderBand {
 public:
  /// @param reach2_px  squared reach in pixels, at least 1, at most kMaxReach^2
  BorderBand(Extent image, int reach2_px);

  static constexpr int kMaxReach = 64;  ///< pixels

  /// Rows and columns of labels needed around a pixel to decide about it.
  int halo_px() const { return static_cast<int>(half_width_.size()) - 1; }

  /// Cuts runs so that each lies wholly inside or outside the band, and sets kBorderPart.
  ///
  /// @param runs  of one region, in raster order, not overlapping; image coordinates
  /// @param out   replaced; in raster order, touching runs of the same part joined
  void mark(std::span<const PixelRun> runs, std::vector<PixelRun>& out);

 private:
  void intersect_eroded(std::span<const Interval> with, int half_width);

  Extent image_;
  std::vector<int> half_width_;  // of the disk, by |dy|
  // Scratch, reused from region to region.
  RowIntervals region_;
  std::vector<Interval> inside_, next_;
};

}  // namespace hexaplex
