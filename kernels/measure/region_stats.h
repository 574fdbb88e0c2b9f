#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/measure/fixed_point.h"
#include "kernels/measure/label_runs.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

__extension__ using int128 = __int128;

/// Sums of one channel over one part of one region, in the channel's fixed point. Exact and order-free: adding the
/// sums of two sets of pixels gives the sums of both.
struct ChannelSums {
  int128 sum = 0;          ///< of v * 2^bits
  int128 sum_squares = 0;  ///< of (v * 2^bits)^2
  float min = kNothing;    ///< +infinity where there is no pixel; never -0
  float max = -kNothing;

  void add(const ChannelSums& o) {
    sum += o.sum;
    sum_squares += o.sum_squares;
    min = o.min < min ? o.min : min;
    max = o.max > max ? o.max : max;
  }
  bool operator==(const ChannelSums&) const = default;

  static constexpr float kNothing = __builtin_inff();
};

/// Sums of several regions: counts [region][part], sums [region][part][channel].
struct RegionTable {
  std::vector<std::uint32_t> labels;  ///< ascending
  int channels = 0;
  std::vector<std::int64_t> counts;
  std::vector<ChannelSums> sums;

  std::span<const std::int64_t> counts_of(std::size_t region) const {
    return {counts.data() + region * kPartCount, static_cast<std::size_t>(kPartCount)};
  }
  /// [part][channel]
  std::span<const ChannelSums> sums_of(std::size_t region) const {
    const std::size_t n = static_cast<std::size_t>(kPartCount) * channels;
    return {sums.data() + region * n, n};
  }

  /// Adds the sums of other pixels, regions that are new included. In any order: the same table.
  void merge(const RegionTable& other);
};

/// The channels a region is measured in: planes that show the image from (origin_x, origin_y) on.
struct ChannelPlanes {
  std::span<const Plane<const float>> planes;
  std::span<const FixedPoint> fixed;  ///< one per plane
  int origin_x = 0, origin_y = 0;
};

/// Count, sum, sum of squares, min and max of every channel over every part of every region.
///
/// @param regions   runs inside the planes
/// @param channels  float32, finite, within the magnitude their fixed point was made for
/// Halo:    none
/// Memory:  the result: 192 bytes a region and channel
/// Result:  bit-identical for any threads and, after merge, any tiling
/// Throws:  InvalidArgument, OutOfMemory
RegionTable region_sums(const CpuQueue& q, const RegionRuns& regions, const ChannelPlanes& channels);

/// The same for one region. @param counts [part], @param sums [part][channel]: added to.
void add_region_sums(std::span<const PixelRun> runs, const ChannelPlanes& channels, std::span<std::int64_t> counts,
                     std::span<ChannelSums> sums);

/// Largest |value| of a plane, the channel's measure for fixed_point_for. 0 for an empty plane.
/// CUDA: blocks find theirs, then atomic maxima. Result: bit-identical across backends and thread counts; waits for the
/// queue. Throws: InvalidArgument, naming the first place in raster order, for a value that is not finite; OutOfMemory;
/// DeviceError.
float largest_magnitude(const Queue& q, Plane<const float> plane);

/// The same of several planes, of any extents, with one wait for all of them. Throws for the first that has a value
/// that is not finite.
std::vector<float> largest_magnitudes(const Queue& q, std::span<const Plane<const float>> planes);

namespace detail {
float largest_magnitude(const CpuQueue& q, Plane<const float> plane);
std::vector<float> largest_magnitudes(const CpuQueue& q, std::span<const Plane<const float>> planes);
#if HX_WITH_CUDA
float largest_magnitude(const CudaQueue& q, Plane<const float> plane);
std::vector<float> largest_magnitudes(const CudaQueue& q, std::span<const Plane<const float>> planes);
#endif
[[noreturn]] void throw_not_finite(int x, int y);
}  // namespace detail

/// Mean, and population standard deviation, of `count` pixels. NaN for count 0.
double mean_of(const ChannelSums& s, std::int64_t count, const FixedPoint& fixed);
double std_of(const ChannelSums& s, std::int64_t count, const FixedPoint& fixed);
double sum_of(const ChannelSums& s, const FixedPoint& fixed);

}  // namespace hexaplex
