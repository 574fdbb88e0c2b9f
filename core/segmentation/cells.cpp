#include "core/segmentation/cells.h"

#include <algorithm>
#include <vector>

#include "core/image/tile_loop.h"
#include "core/segmentation/giants.h"
#include "core/segmentation/label_tools.h"
#include "core/segmentation/nuclei.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/expand.h"

namespace hexaplex {

namespace {

// Giants take the positive pixels around them that are nearest to them and not nucleus. Tile by tile: what is nearest
// within the reach is decided within the reach.
void add_giant_territory(CpuQueue& q, Plane<const std::uint32_t> nuclei, std::uint32_t first_giant,
                         const Giants& giants, double reach_px, TileShape tile_px, Plane<std::uint32_t> cells) {
  const ExpandParams reach{std::min(reach_px, 254.0)};
  for_each_tile(q, make_tiles(nuclei.extent, tile_px, expand_halo(reach)), [&](CpuQueue& inner, const Tile& tile) {
    const Extent e = tile.window.extent();
    const auto seen = nuclei.window(tile.window);
    HostPlane<std::uint32_t> only(e, 0);
    bool any = false;
    for (int y = 0; y < e.height; ++y)
      for (int x = 0; x < e.width; ++x)
        if (seen(x, y) >= first_giant) only(x, y) = seen(x, y), any = true;
    if (!any) return;
    HostPlane<std::uint32_t> territory(e);
    expand_labels(inner, only.view(), territory.view(), reach);
    for (int y = tile.core.y; y < tile.core.bottom(); ++y)
      for (int x = tile.core.x; x < tile.core.right(); ++x) {
        if (giants.positive(x, y) == 0 || nuclei(x, y) != 0) continue;
        const std::uint32_t label = territory(x - tile.window.x, y - tile.window.y);
        if (label != 0) cells(x, y) = label;
      }
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
  params.keep_images = p.keep_images;
  LabelPair out{find_nuclei(q, images, params), HostPlane<std::uint32_t>(images.extent)};

  const double rim_px = p.expansion_um.value_or(p.recipe.rim * p.nucleus_um) / p.um_per_px;
  if (p.giants && source.has_giant_marker()) {
    Giants giants = find_giants(q, source, *p.giants, p);
    if (giants.any) {
      const std::uint32_t first = join_giants(q, out.nucleus.view(), giants.nuclei.view(), giants.smallest_px);
      expand_labels(q, out.nucleus.view(), out.cell.view(), {rim_px});
      add_giant_territory(q, out.nucleus.view(), first, giants,
                          p.giants->territory * p.giants->nucleus_um / p.um_per_px, p.tile_px, out.cell.view());
      number_by_nucleus(q, out.nucleus.view(), out.cell.view());
      return out;
    }
  }
  expand_labels(q, out.nucleus.view(), out.cell.view(), {rim_px});
  return out;
}

}  // namespace hexaplex
