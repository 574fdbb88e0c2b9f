#pragma once

#include <cstdint>
#include <span>

#include "kernels/runtime/host_memory.h"
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
  HostVector<std::uint32_t> labels;
  HostVector<std::int64_t> first;  ///< runs of labels[i] are [first[i], first[i + 1])
  HostVector<PixelRun> runs;

  std::size_t size() const { return labels.size(); }
  std::span<const PixelRun> of(std::size_t region) const {
    return {runs.data() + first[region], static_cast<std::size_t>(first[region + 1] - first[region])};
  }
};

/// Collects the pixels of labelled regions, each marked as inside or outside its inner object.
///
/// A region is the union of the pixels that carry its label in either plane. So an inner object may lie over another
/// region (inForm's cytoplasm maps run on under the nuclei of their neighbours): such pixels belong to both.
///
/// @param outer   labels of the regions (cells), 0 = background
/// @param inner   labels of the inner objects (nuclei); outer's extent, or empty
/// @param origin_x, origin_y  added to every coordinate
/// Halo:    none; runs end at the edge of the plane
/// Memory:  16 bytes a run, twice for a moment
/// Result:  the same for any number of threads
/// Throws:  InvalidArgument, OutOfMemory
RegionRuns label_runs(const CpuQueue& q, Plane<const std::uint32_t> outer, Plane<const std::uint32_t> inner,
                      int origin_x = 0, int origin_y = 0);

}  // namespace hexaplex
