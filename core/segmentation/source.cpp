#include "core/segmentation/source.h"

#include <algorithm>

#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

float reference_level(CpuQueue& q, Plane<const float> channel) {
  Histogram16 h = empty_histogram();
  add_to_histogram(q, channel, h);
  const auto key = static_cast<std::uint16_t>(quantile(h, 0.995));
  const float low = float_of_key(key), high = key == 65535 ? low : float_of_key(static_cast<std::uint16_t>(key + 1));
  // A channel without light has no level; any positive number then gives an empty image.
  return std::max(low + (high - low) / 2, 1e-9f);
}

NucleiSource::NucleiSource(CpuQueue& q, const SegmentationInput& input)
    : input_(input), nuclear_reference_(reference_level(q, input.nuclear)) {
  for (const auto& m : input.membranes) {
    HX_EXPECT(m.extent == input.nuclear.extent, "the channels' extents differ");
    wall_scales_.push_back((1 << kLogFractionBits) / reference_level(q, m));
  }
}

NucleiImages NucleiSource::images(Rect window) const {
  NucleiImages out;
  out.extent = window.extent();
  const auto inside = [window](Rect r) { return Rect{window.x + r.x, window.y + r.y, r.width, r.height}; };
  const float scale = static_cast<float>(kLogReference) / nuclear_reference_;
  out.nuclear = [nuclear = input_.nuclear, scale, inside](CpuQueue& q, Rect r, Plane<std::uint16_t> dst) {
    quantise(q, nuclear.window(inside(r)), dst, scale);
  };
  if (!input_.membranes.empty())
    out.wall = [membranes = input_.membranes, scales = wall_scales_, inside](CpuQueue& q, Rect r,
                                                                             Plane<std::uint16_t> dst) {
      quantise(q, membranes[0].window(inside(r)), dst, scales[0]);
      for (std::size_t k = 1; k < scales.size(); ++k) add_quantised(q, membranes[k].window(inside(r)), dst, scales[k]);
    };
  return out;
}

}  // namespace hexaplex
