#include "core/segmentation/field_cells.h"

#include <vector>

#include "core/segmentation/field_nuclei.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/runtime/error.h"
#include "kernels/segment/expand.h"

namespace hexaplex {

namespace {

// Of the nuclear channel, then of the membranes.
std::vector<float> reference_levels(const Queue& q, const SegmentationInput& channels) {
  std::vector<Plane<const float>> planes{channels.nuclear};
  planes.insert(planes.end(), channels.membranes.begin(), channels.membranes.end());
  std::vector<Histogram16> keys(planes.size(), empty_histogram());
  add_to_histograms(q, planes, keys);
  std::vector<float> levels;
  for (const Histogram16& of_one : keys) levels.push_back(reference_level(of_one));
  return levels;
}

}  // namespace

FieldLabels segment_field(const Queue& q, const SegmentationInput& channels, const CellParams& p) {
  HX_EXPECT(p.um_per_px > 0 && p.nucleus_um > 0, "um_per_px and nucleus_um must be positive");
  HX_EXPECT(!p.giants, "giants cannot be searched in a field that lies on a queue; use segment_cells");
  const Extent e = channels.nuclear.extent;
  for (const auto& m : channels.membranes) HX_EXPECT(m.extent == e, "the channels differ in extent");
  QueuePlane<std::uint16_t> nuclear(q, e), wall(q, channels.membranes.empty() ? Extent{} : e);
  const std::vector<float> levels = reference_levels(q, channels);
  quantise(q, channels.nuclear, nuclear.view(), nuclear_scale(levels[0]));
  for (std::size_t i = 0; i < channels.membranes.size(); ++i) {
    const float scale = wall_scale(levels[i + 1]);
    if (i == 0)
      quantise(q, channels.membranes[i], wall.view(), scale);
    else
      add_quantised(q, channels.membranes[i], wall.view(), scale);
  }
  NucleiParams params;
  params.nucleus_px = p.nucleus_um / p.um_per_px;
  params.recipe = p.recipe;
  FieldLabels out{{}, QueuePlane<std::uint32_t>(q, e)};
  out.nucleus = find_field_nuclei(q, {nuclear.view(), wall.view()}, params, &out.count);
  const double rim_px = p.expansion_um.value_or(p.recipe.rim * p.nucleus_um) / p.um_per_px;
  if (!e.empty()) expand_labels(q, out.nucleus.view(), out.cell.view(), {rim_px});
  return out;
}

}  // namespace hexaplex
