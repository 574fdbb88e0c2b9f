#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/measure/region_medians.h"
#include "kernels/measure/region_stats.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex {

// Regions that are measured where their labels are, without runs: every pixel adds itself to the table of its label.
// The host forms are label_runs, BorderBand, region_sums and MedianFinder; the chains (region_pixels_chain.h,
// region_sums_chain.h, region_medians_chain.h) run on a CpuQueue too, where the tests hold them against those.

/// Label planes to be measured: a window of an image, in the memory of a queue.
struct RegionPlanes {
  Plane<const std::uint32_t> outer;  ///< labels of the regions (cells), 0 = background
  Plane<const std::uint32_t> inner;  ///< of the inner objects (nuclei); outer's extent, or empty
  Extent image;                      ///< the whole image: nothing outside it counts as foreign to a region
  int origin_x = 0, origin_y = 0;    ///< place of the planes' first pixel in the image
  int reach2_px = 0;                 ///< of BorderBand; 0: no pixel is of the border part
  Rect core;                         ///< in the planes: only these pixels are measured, the others tell borders
  /// Not 0: the labels of the core are 1 .. consecutive, every one a region, so that nobody has to look for them. One
  /// that does not occur is then a region of no pixels; one above is an error where the table is fetched.
  std::uint32_t consecutive = 0;
};

/// Regions of label planes. The planes must outlive it.
template <class Q>
struct DeviceRegions {
  RegionPlanes planes;
  WorkBuffer<std::uint32_t, Q> labels;  ///< those that occur in the core, ascending; a label's place here is its row
  WorkBuffer<std::uint32_t, Q> row;     ///< by label, of those that occur; empty where they are consecutive
  WorkBuffer<std::uint32_t, Q> stray;   ///< one value, not 0: a label above the consecutive ones was met
  WorkBuffer<std::uint8_t, Q> border;   ///< by pixel of the core: bit 0 of its inner label's region, 1 of its outer's;
                                        ///< empty where no pixel is of the border part
};

/// ChannelSums in words that are added to one by one, and that may hold more than their share: a sum is
/// high * 2^32 + low, high in two's complement, one of squares high * 2^40 + low. All zero: of no pixel.
struct DeviceChannelSums {
  static constexpr int kSumLowBits = 32, kSquaresLowBits = 40;
  std::uint64_t sum_low, sum_high;
  std::uint64_t squares_low, squares_high;
  std::uint32_t min, max;  ///< keys in the order of the floats, the minimum's with all bits inverted
};

/// The parts that pixels can be of: without inner objects, or without a border band, there are fewer than four.
struct OccurringParts {
  int count, shift;  ///< part p is number p >> shift

  static OccurringParts of(const RegionPlanes& planes) {
    const bool inner = !planes.inner.extent.empty(), border = planes.reach2_px > 0;
    return {(inner ? 2 : 1) * (border ? 2 : 1), inner ? 0 : 1};
  }
};

/// RegionTable in the memory of a queue, of the parts that occur.
template <class Q>
struct DeviceRegionTable {
  int channels = 0;
  OccurringParts parts{};
  WorkBuffer<std::int64_t, Q> counts;     ///< [region][number of the part]
  WorkBuffer<DeviceChannelSums, Q> sums;  ///< [region][number of the part][channel]
};

#if HX_WITH_CUDA
/// Finds the regions of label planes, and which pixels are of their borders.
///
/// CUDA:    a table of all labels up to the highest, unless they are consecutive; borders from tiles in shared memory,
///          for more than 4 pixels from a look at the disk around every pixel
/// Halo:    the reach of the border band
/// Memory:  4 bytes for every number up to the highest label, and one for every pixel of the core with borders
/// Result:  labels and parts as label_runs and BorderBand find them on the same window; waits for the queue twice, with
///          consecutive labels never
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
DeviceRegions<CudaQueue> regions_on(const CudaQueue& q, const RegionPlanes& planes);

/// region_sums of the regions' core.
///
/// @param channels  planes on the device, of the label planes' extent and origin; float32, finite, within the magnitude
///                  their fixed point was made for
/// CUDA:    tiles order their pixels by region and part, once for 16 channels, and add up what they hold of each before
///          64-bit integer atomics join the tiles
/// Memory:  the result: 40 bytes a region, channel and part that occurs
/// Result:  the host's, bit for bit, once fetched; returns before completion
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
DeviceRegionTable<CudaQueue> region_sums_on(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                                            const ChannelPlanes& channels);

/// The sums on the host. Waits for the queue.
/// Throws: InvalidArgument for a label above the consecutive ones; OutOfMemory; DeviceError
RegionTable fetch_table(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                        const DeviceRegionTable<CudaQueue>& table);

/// Exact medians of one channel over the first `set_count` sets of pixels of every region: what MedianFinder finds.
///
/// @param plane  on the device, of the label planes' extent and origin; float32, finite
/// @return       [region][set], on the device; NaN for an empty set
/// CUDA:    values go to their region and part, in any order; a block for each region then selects by radix
/// Memory:  4 bytes a pixel, with two label planes 8, and 32 bytes a region
/// Result:  the host's, bit for bit; returns before completion
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
DeviceBuffer<double> region_medians_on(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                                       Plane<const float> plane, const PixelSets& sets, int set_count);

/// The same for several channels: [channel][region][set].
/// Memory:  that of up to 4 channels at once, as long as their pixels take half a gigabyte
DeviceBuffer<double> region_medians_on(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                                       std::span<const Plane<const float>> planes, const PixelSets& sets,
                                       int set_count);
#endif

}  // namespace hexaplex
