#pragma once

#include <vector>

#include "core/segmentation/nuclei.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Channels that drive the segmentation, all of the same extent, finite values.
struct SegmentationInput {
  Plane<const float> nuclear;
  std::vector<Plane<const float>> membranes;  ///< guide cuts between nuclei
  Plane<const float> giant_marker{};          ///< empty: no rule for giants
};

/// The level that stands for a well stained pixel of a channel: its 99.5 % quantile, from bins of under 1 %.
float reference_level(CpuQueue& q, Plane<const float> channel);

/// Turns measured channels into the integers that nuclei are found on. Scales come from the whole field, so every
/// window and every tile sees the same integers.
class NucleiSource {
 public:
  NucleiSource(CpuQueue& q, const SegmentationInput& input);

  /// A window of the field as an image of its own. The input must outlive it.
  NucleiImages images(Rect window) const;

  float nuclear_reference() const { return nuclear_reference_; }

 private:
  SegmentationInput input_;
  float nuclear_reference_;
  std::vector<float> wall_scales_;
};

}  // namespace hexaplex
