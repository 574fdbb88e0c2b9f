#pragma once

#include "kernels/runtime/host_plane.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex::benchmarks {

/// What each step of the nucleus recipe leaves for the next, on one untiled image.
struct SegmentationSteps {
  HostPlane<std::uint16_t> linear, logarithm, level, landscape;
  HostPlane<std::uint8_t> mask, pointers;
  HostPlane<std::uint32_t> labels;  ///< fragments
  LocalLevelParams range;
  RegionGraph graph;

  /// @param scale  of the linear 16-bit image
  /// @param floor  of the foreground, on the smoothed logarithm
  SegmentationSteps(const HostPlane<float>& image, float scale, double nucleus_px, std::uint16_t floor = 0);
  Extent extent() const { return level.extent(); }
  Rect whole() const { return {0, 0, extent().width, extent().height}; }
};

}  // namespace hexaplex::benchmarks
