#include "core/pipeline/channel_ranges.h"

#include <algorithm>

#include "kernels/measure/region_stats.h"

namespace hexaplex {

ChannelRanges::ChannelRanges(std::size_t channels) : channels_(channels) {
  for (Range& r : channels_) r.keys = empty_histogram();
}

void ChannelRanges::add(CpuQueue& q, std::size_t channel, Plane<const float> pixels) {
  const float largest = hexaplex::largest_magnitude(q, pixels);
  Histogram16 keys = empty_histogram();
  add_to_histogram(q, pixels, keys);
  const std::lock_guard<std::mutex> lock(guard_);
  Range& r = channels_[channel];
  r.largest = std::max(r.largest, largest);
  hexaplex::add(keys, r.keys);
}

void ChannelRanges::save(CheckpointWriter& to) const {
  for (const Range& r : channels_) {
    to.table(r.keys);
    to.value(r.largest);
  }
}

void ChannelRanges::load(CheckpointReader& from) {
  for (Range& r : channels_) {
    from.table(r.keys, r.keys.size());
    r.largest = from.value<float>();
  }
}

}  // namespace hexaplex
