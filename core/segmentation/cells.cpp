#include "core/segmentation/cells.h"

#include <algorithm>
#include <vector>

#include "core/segmentation/giants.h"
#include "core/segmentation/label_tools.h"
#include "core/segmentation/nuclei.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/expand.h"

namespace hexaplex {

namespace {

// Giants take the positive pixels around them that are nearest to them and not nucleus.
void add_giant_territory(CpuQueue& q, Plane<const std::uint32_t> nuclei, std::uint32_t first_giant,
                         const Giants& giants, double reach_px, Plane<std::uint32_t> cells) {
  HostPlane<std::uint32_t> only(nuclei.extent), territory(nuclei.extent);
  for_each_band(q, nuclei.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < nuclei.width(); ++x) only(x, y) = nuclei(x, y) >= first_giant ? nuclei(x, y) : 0;
  });
  expand_labels(q, only.view(), territory.view(), {std::min(reach_px, 254.0)});
  for_each_band(q, nuclei.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < nuclei.width(); ++x)
        if (giants.positive(x, y) != 0 && nuclei(x, y) == 0 && territory(x, y) != 0) cells(x, y) = territory(x, y);
  });
}

}  // namespace

LabelPair segment_cells(CpuQueue& q, const SegmentationInput& input, const CellParams& p) {
  return segment_cells(q, NucleiSource(q, input), p);
}

LabelPair segment_cells(CpuQueue& q, const NucleiSource& source, const CellParams& p) {
  HX_EXPECT(p.um_per_px > 0 && p.nucleus_um > 0, "um_per_px and nucleus_um must be positive");
  const NucleiImages images = source.images();
  NucleiParams params;
  params.nucleus_px = p.nucleus_um / p.um_per_px;
  params.recipe = p.recipe;
  params.tile_px = p.tile_px;
  LabelPair out{find_nuclei(q, images, params), HostPlane<std::uint32_t>(images.extent)};

  const double rim_px = p.expansion_um.value_or(p.recipe.rim * p.nucleus_um) / p.um_per_px;
  if (p.giants && source.has_giant_marker()) {
    Giants giants = find_giants(q, source, *p.giants, p);
    if (giants.any) {
      const std::uint32_t first = join_giants(q, out.nucleus.view(), giants.nuclei.view(), giants.smallest_px);
      expand_labels(q, out.nucleus.view(), out.cell.view(), {rim_px});
      add_giant_territory(q, out.nucleus.view(), first, giants,
                          p.giants->territory * p.giants->nucleus_um / p.um_per_px, out.cell.view());
      number_by_nucleus(q, out.nucleus.view(), out.cell.view());
      return out;
    }
  }
  expand_labels(q, out.nucleus.view(), out.cell.view(), {rim_px});
  return out;
}

}  // namespace hexaplex
