#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/compute/compute_place.h"
#include "core/image/channel_source.h"
#include "core/io/slide.h"
#include "core/pipeline/reading_plan.h"
#include "core/pipeline/run_slide.h"
#include "core/run/checkpoints.h"
#include "core/unmixing/crosstalk.h"
#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_residual.h"

namespace hexaplex {

/// How a slide is to be unmixed.
struct UnmixPlan {
  UnmixModel model;
  UnmixMethod method = UnmixMethod::non_negative;
  ReadingPlan reading;
  double saturation_counts = 65535;
  std::vector<int> order;          ///< the model's component of each channel
  std::vector<std::string> names;  ///< of the channels
};

/// A slide as components, and what its unmixing was like. Sums are exact, so nothing hangs on how the slide was cut.
struct UnmixedSlide {
  std::unique_ptr<ChannelSource> channels;
  ResidualSums residual;
  NonNegativeReport optimality;
  std::vector<std::int64_t> saturated;  ///< pixels by band
  CrosstalkTable crosstalk;
};

/// Reads every band of the tissue and unmixes it, window by window, so that raw pixels never fill the memory.
///
/// @param place        where windows are unmixed: on a device each thread has a stream of its own, so that reading,
///                     copies and work of different windows overlap
/// @param checkpoints  take and give what a slide that is not kept was found to be
///
/// Either keeps the components (4 bytes a pixel and component), or only which of them are positive at each pixel (2
/// bytes), from which they are found again wherever they are needed, at a fraction of the price.
/// Throws: InputError; OutOfMemory; DeviceError
UnmixedSlide unmix_slide(CpuQueue& q, ComputePlace& place, const SlideInfo& info, const UnmixPlan& plan,
                         Checkpoints& checkpoints);

}  // namespace hexaplex
