#include "core/pipeline/region_results.h"

#include <fmt/format.h>

#include <utility>

#include "core/phenotype/classify.h"
#include "core/regions/region_tissue.h"

namespace hexaplex {

void restrict_to_regions(const CpuQueue& q, DrawnRegions drawn, SlideResult& result) {
  RegionResults regions{std::move(drawn), {}, {}};
  regions.cells = RegionCells(q, regions.drawn, result.cells);
  regions.each.resize(regions.drawn.names.size());
  if (result.assessable.empty()) result.assessable.assign(result.cells.size(), 1);
  std::vector<std::size_t> cells(regions.each.size());
  for (std::size_t i = 0; i < result.cells.size(); ++i) {
    const auto in = regions.cells.of(i);
    if (in.empty()) result.assessable[i] = 0;
    for (const std::uint16_t r : in) ++cells[r];
  }
  const std::vector<std::string>& said = regions.drawn.warnings;
  result.warnings.insert(result.warnings.end(), said.begin(), said.end());
  for (std::size_t r = 0; r < cells.size(); ++r)
    if (cells[r] == 0) result.warnings.push_back(fmt::format("the region {} holds no cell", regions.drawn.names[r]));
  result.regions = std::move(regions);
}

void name_cells_outside(SlideResult& result) {
  if (!result.regions) return;
  for (std::size_t i = 0; i < result.phenotype.size(); ++i)
    if (result.regions->cells.of(i).empty()) result.phenotype[i] = kOutsideRegions;
}

void measure_tissue(const CpuQueue& q, SlideResult& result) {
  const QualityMask* quality = result.quality ? &*result.quality : nullptr;
  result.tissue_definition = quality != nullptr ? kTissueDefinition : "the whole field: the panel asks for no mask";
  const auto mm2 = [&](std::int64_t pixels) {
    return static_cast<double>(pixels) * result.um_per_px * result.um_per_px / 1e6;
  };
  if (!result.regions) {
    result.tissue_mm2 = quality != nullptr ? quality->assessable_mm2() : mm2(result.extent.area());
    return;
  }
  result.tissue_definition += kInsideRegions;
  const DrawnRegions& drawn = result.regions->drawn;
  result.tissue_mm2 = mm2(assessable_pixels(q, drawn.all, quality, result.extent));
  for (std::size_t r = 0; r < drawn.areas.size(); ++r)
    result.regions->each[r].tissue_mm2 = mm2(assessable_pixels(q, drawn.areas[r], quality, result.extent));
}

}  // namespace hexaplex
