#pragma once

#include <mutex>
#include <vector>

#include "core/run/checkpoint_file.h"
#include "kernels/intensity/histogram.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// What must be known of the channels of a slide that is not held after one pass over it: their keys and their largest
/// values. Counts and maxima, so windows may come in any order.
class ChannelRanges {
 public:
  explicit ChannelRanges(std::size_t channels);

  /// Adds a window; from any thread. Throws: InvalidArgument for a value that is not finite.
  void add(CpuQueue& q, std::size_t channel, Plane<const float> pixels);

  void save(CheckpointWriter& to) const;
  void load(CheckpointReader& from);

  const Histogram16& histogram(std::size_t channel) const { return channels_[channel].keys; }
  float largest_magnitude(std::size_t channel) const { return channels_[channel].largest; }

 private:
  struct Range {
    Histogram16 keys;
    float largest = 0;
  };
  std::mutex guard_;
  std::vector<Range> channels_;
};

}  // namespace hexaplex
