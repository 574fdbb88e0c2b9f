#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/measure/label_runs.h"

namespace hexaplex {

/// Sets of pixels of a region whose medians are wanted: by part, a bit for each set the part belongs to.
inline constexpr int kMaxPixelSets = 8;
using PixelSets = std::array<std::uint8_t, kPartCount>;

/// Exact medians of several overlapping sets of pixels at once. The values are counted into equal steps between the
/// least and the greatest; only those that share a step with a median are then ordered. Keeps scratch memory: one
/// finder per thread.
class MedianFinder {
 public:
  /// @param runs  of one region: give the parts of the values that follow, in their order
  /// @param sets  which sets each part belongs to
  void set_region(std::span<const PixelRun> runs, const PixelSets& sets);

  /// @param values   finite; one per pixel of the runs
  /// @param medians  one per set: the middle value, or the mean of the two middle ones; NaN for an empty set
  /// Result: the same for any order of the pixels
  void find(std::span<const float> values, std::span<double> medians);

 private:
  std::vector<std::uint8_t> sets_of_pixel_;
  std::array<std::int64_t, kMaxPixelSets> count_{};
  std::vector<std::uint16_t> step_;     // of each value
  std::vector<std::uint32_t> in_step_;  // [sets that occur together][step]
  std::vector<std::uint8_t> wanted_;    // by step: the sets with a median in it
  std::array<std::vector<float>, kMaxPixelSets> near_;
};

}  // namespace hexaplex
