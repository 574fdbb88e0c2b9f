#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Which part of its region a pixel belongs to: two bits, so four parts that do not overlap.
inline constexpr unsigned kInnerPart = 1;   ///< inside the inner object (the nucleus)
inline constexpr unsigned kBorderPart = 2;  ///< within the border band (the membrane)
inline constexpr int kPartCount = 4;

/// Consecutive pixels of one row that belong to one part of one region: begin <= x < end.
struct PixelRun {
  int y = 0;
  int begin = 0;
  int end = 0;
  unsigned part = 0;
  bool operator==(const PixelRun&) const = default;
};

/// The pixels of every region, as runs: labels ascending, the runs of a label in raster order.
struct RegionRuns {
  std::vector<std::uint32_t> labels;
  std::vector<std::int64_t> first;  ///< runs of labels[i] are [first[i], first[i + 1])
  std::vector<PixelRun> runs;

  std::size_t size() const { return labels.size(); }
  std::span<const PixelRun> of(std::size_t region) const {
    return {runs.data() + first[region], static_cast<std::size_t>(first[region + 1] - first[region])};
  }
};

/// Collects the pixels of labelled regions, each marked as inside or outside its inner object.
///
/// @param outer   labels of the regions (cells), 0 = background
/// @param inner   labels of the inner objects (nuclei), outer's extent or empty; wherever it is not 0 it must equal
///                `outer`
/// @param origin  added to every coordinate
/// Halo:    none; runs end at the edge of the plane
/// Memory:  16 bytes a run, twice for a moment
/// Result:  the same for any number of threads
/// Throws:  InvalidArgument, naming label and place, where an inner object reaches outside its region
RegionRuns label_runs(const CpuQueue& q, Plane<const std::uint32_t> outer, Plane<const std::uint32_t> inner,
                      int origin_x = 0, int origin_y = 0);

}  // namespace hexaplex
