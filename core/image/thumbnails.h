#pragma once

#include <span>
#include <vector>

#include "core/image/tissue_area.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Channels averaged down for pictures, collected window by window: every pixel is the mean of a square of `shrink` x
/// `shrink` pixels of the slide (less at its right and lower edge), summed in double in raster order.
class Thumbnails {
 public:
  /// @param shrink  1 .. least_gap_px(slide)
  Thumbnails(TissueArea area, int shrink, std::size_t channels);

  int shrink() const { return shrink_; }

  /// Adds a part of a piece of tissue that starts and ends at multiples of `shrink`, or at the piece's edge. From any
  /// thread; parts must not overlap. What lies between the pieces is 0.
  /// @param planes  one per channel, of core's extent
  void add(Rect core, std::span<const Plane<const float>> planes);

  Plane<const float> channel(std::size_t i) const { return planes_[i].view(); }

 private:
  TissueArea area_;
  int shrink_;
  std::vector<HostPlane<float>> planes_;
};

/// Extent of a slide averaged down.
Extent thumbnail_extent(Extent slide, int shrink);

}  // namespace hexaplex
