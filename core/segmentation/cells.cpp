#include "core/segmentation/cells.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/image/tile_loop.h"
#include "core/segmentation/giants.h"
#include "core/segmentation/label_tools.h"
#include "core/segmentation/nuclei.h"
#include "core/segmentation/piece_nuclei.h"
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

// Cells around nuclei. On a device tile by tile, so that no piece is too large for it.
void expand_nuclei(CpuQueue& q, ComputePlace& place, Plane<const std::uint32_t> nuclei, Plane<std::uint32_t> cells,
                   const ExpandParams& rim) {
  constexpr ComputeStage kStage{"cells"};
  constexpr TileShape kTile = 1024;  // as much staging for a thread as the smallest tile may take
  if (nuclei.extent.empty()) return;
  const auto on_device = [&] {
    for_each_tile(q, make_tiles(nuclei.extent, kTile, 0), [&](CpuQueue&, const Tile& tile) {
      const LanePool::Lease lane(place.lanes());
      in_parts_that_fit(*lane, tile.core, [&](Rect core) {
        const Rect window = widened(core, expand_halo(rim), nuclei.extent);
        const SeenPlane<std::uint32_t> there = lane->see(nuclei.window(window));
        QueuePlane<std::uint32_t> grown(lane->queue(), window.extent());
        expand_labels(lane->queue(), there.view, grown.view(), rim);
        lane->fetch<std::uint32_t>(std::as_const(grown).view().window(seen_from(window.x, window.y, core)),
                                   cells.window(core));
        lane->finish();
      });
    });
  };
  place.either(kStage, on_device, [&] { expand_labels(q, nuclei, cells, rim); });
}

// Adds giants to the nuclei of a piece, then cells to all of them.
// @param search   of giants, or null
// @param ordered  set to false where labels lose their order
HostPlane<std::uint32_t> add_cells(CpuQueue& q, ComputePlace& place, GiantSearch* search, std::size_t piece,
                                   const CellParams& p, HostPlane<std::uint32_t>& nuclei, bool& ordered) {
  const double rim_px = p.expansion_um.value_or(p.recipe.rim * p.nucleus_um) / p.um_per_px;
  Giants giants;
  if (search != nullptr) giants = search->take(q, piece);
  const std::uint32_t first = giants.any ? join_giants(q, nuclei.view(), giants.nuclei.view(), giants.smallest_px) : 0;
  giants.nuclei = {};
  HostPlane<std::uint32_t> cells(nuclei.extent());
  expand_nuclei(q, place, nuclei.view(), cells.view(), {rim_px});
  ordered = ordered && !giants.any;
  if (giants.any)
    add_giant_territory(q, nuclei.view(), first, giants, p.giants->territory * p.giants->nucleus_um / p.um_per_px,
                        p.tile_px, cells.view());
  return cells;
}

}  // namespace

LabelPair segment_cells(CpuQueue& q, const SegmentationInput& input, const CellParams& p) {
  SlideLabels labels = segment_cells(q, NucleiSource(q, input), p);
  const Extent e = input.nuclear.extent;
  if (e.empty()) return {HostPlane<std::uint32_t>(e), HostPlane<std::uint32_t>(e)};
  return {std::move(labels.nucleus.piece(0)), std::move(labels.cell.piece(0))};
}

SlideLabels segment_cells(CpuQueue& q, NucleiSource source, const CellParams& p) {
  ComputePlace cpu;
  return segment_cells(q, cpu, std::move(source), p);
}

SlideLabels segment_cells(CpuQueue& q, ComputePlace& place, NucleiSource source, const CellParams& p) {
  HX_EXPECT(p.um_per_px > 0 && p.nucleus_um > 0, "um_per_px and nucleus_um must be positive");
  NucleiParams params;
  params.nucleus_px = p.nucleus_um / p.um_per_px;
  params.recipe = p.recipe;
  params.tile_px = p.tile_px;
  params.keep_images = p.keep_images;
  params.least = source.nuclear_counts(p.least);
  const TissueArea& area = source.area();
  std::vector<NucleiImages> images;
  for (const Rect& piece : area.pieces()) images.push_back(source.images(piece));
  std::vector<HostPlane<std::uint32_t>> nuclei = find_nuclei_of_pieces(q, place, images, params), cells;

  std::optional<GiantSearch> giants;
  if (p.giants && source.has_giant_marker()) giants.emplace(q, source, *p.giants, p);
  source.keep_nuclear_only();
  bool ordered = nuclei.size() <= 1;
  for (std::size_t i = 0; i < nuclei.size(); ++i)
    cells.push_back(add_cells(q, place, giants ? &*giants : nullptr, i, p, nuclei[i], ordered));
  place.release_lanes();
  std::vector<LabelPiece> all;
  for (std::size_t i = 0; i < nuclei.size(); ++i)
    all.push_back({nuclei[i].view(), cells[i].view(), area.pieces()[i].x, area.pieces()[i].y});
  if (!ordered) number_by_nucleus(q, all);
  return {{area, std::move(nuclei)}, {area, std::move(cells)}};
}

}  // namespace hexaplex
