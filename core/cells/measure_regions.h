#pragma once

#include <cstddef>
#include <span>

#include "core/cells/cell_table.h"
#include "core/cells/measure.h"
#include "core/compute/lane.h"
#include "kernels/measure/label_runs.h"
#include "kernels/measure/region_stats.h"

namespace hexaplex {

/// What measuring regions takes, beside their pixels.
struct Measuring {
  Extent slide;
  int reach2_px;  ///< of the membrane
  std::span<const FixedPoint> fixed;
  const MeasureOptions& options;
  CellTable& table;
};

/// A region to measure, and the row of the table that it fills.
struct RegionRow {
  std::size_t region, row;
};

/// Measures some of the regions of label planes; they lie whole in the channels' planes.
///
/// Result: the same rows for any threads
/// Throws: OutOfMemory
void measure_regions(const CpuQueue& q, const RegionRuns& regions, std::span<const RegionRow> some,
                     const ChannelPlanes& channels, const Measuring& m);

#if HX_WITH_CUDA
/// The same rows, with sums and medians from a device: labels and channels are sent there, as far as the regions reach.
/// Shapes are found here meanwhile. Ends the lane's window. Where that takes more than 8 MiB of pinned memory, or the
/// device has too little, half of the regions come first.
///
/// @param channels  planes of the host
/// Throws: DeviceOutOfMemory where not even one region has room; DeviceError; OutOfMemory
void measure_regions(Lane& lane, const RegionRuns& regions, std::span<const RegionRow> some,
                     const ChannelPlanes& channels, const Measuring& m);
#endif

}  // namespace hexaplex
