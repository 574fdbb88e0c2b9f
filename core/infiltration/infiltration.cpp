#include "core/infiltration/infiltration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/infiltration/tissue_squares.h"
#include "core/spatial/squared_distance.h"
#include "kernels/runtime/error.h"
#include "kernels/segment/components.h"

namespace hexaplex {

namespace {

using detail::SquareScale;
using Mask = HostPlane<std::uint8_t>;

constexpr double kBlockUm = 500;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void require_sound(const InfiltrationParams& p) {
  HX_EXPECT(p.square_um > 0 && p.link_um > 0 && p.close_um >= 0 && p.hole_um2 >= 0 && p.min_cells >= 1,
            "lengths of an infiltration must be positive");
  HX_EXPECT(p.grades.size() == 3 && p.grades[0] > 0 && p.grades[0] < p.grades[1] && p.grades[1] < p.grades[2],
            "three ascending fractions tell four grades apart");
}

// Where a cell is: its nucleus, where it has one.
PointUm place_of(const CellTable& cells, std::size_t i, double um_per_px) {
  const Shape& s = cells.nucleus[i].area_px > 0 ? cells.nucleus[i] : cells.cell[i];
  return {s.centroid_x_px * um_per_px, s.centroid_y_px * um_per_px};
}

// The value in the middle of a list, and others: of the sorted values, the one at the rounded-down place.
double quantile(std::vector<double> values, double part) {
  if (values.empty()) return kNan;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

DistanceSummary summary_of(const std::vector<double>& distances) {
  return {quantile(distances, 0.5), quantile(distances, 0.25), quantile(distances, 0.75)};
}

// Distances of places from the nearest square of a mask.
std::vector<double> distances_to(const CpuQueue& q, const Mask& seeds, const SquareScale& scale, double um_per_px,
                                 const std::vector<PointUm>& places) {
  const HostPlane<std::int32_t> squared = squared_distance(q, seeds.view());
  std::vector<double> out;
  for (const PointUm& p : places) {
    const std::int32_t d2 = squared(scale.column(p.x / um_per_px), scale.row(p.y / um_per_px));
    if (d2 != kNoSeed) out.push_back(std::sqrt(static_cast<double>(d2)) * scale.side_um);
  }
  return out;
}

}  // namespace

InfiltrationResult measure_infiltration(const CpuQueue& q, const ChannelSource& channels,
                                        std::span<const double> density, const CellTable& cells,
                                        const LabelView& labels, std::span<const std::uint8_t> tumour,
                                        std::span<const std::uint8_t> counted, const QualityMask* quality,
                                        double um_per_px, const InfiltrationParams& p) {
  require_sound(p);
  HX_EXPECT(tumour.size() == cells.size() && (counted.empty() || counted.size() == cells.size()),
            "one verdict is needed for each cell");
  HX_EXPECT(um_per_px > 0, "um_per_px must be positive");
  InfiltrationResult out;
  SquareScale scale{channels.extent(), std::max(1, static_cast<int>(p.square_um / um_per_px + 0.5)), 0};
  scale.side_um = scale.side_px * um_per_px;
  const double square_mm2 = scale.area_um2() / 1e6;
  const detail::TissueSquares found =
      detail::find_tissue_squares(q, channels, density, scale, p.tissue_density, p.hole_um2);
  Mask tissue = found.tissue.copy();
  for (int y = 0; y < tissue.height(); ++y)
    for (int x = 0; x < tissue.width(); ++x)
      if (quality != nullptr && !quality->assessable((x + 0.5) * scale.side_px - 0.5, (y + 0.5) * scale.side_px - 0.5))
        tissue(x, y) = 0;

  // Tumour cells, their foci, and the regions of those.
  std::vector<std::uint32_t> rows;  // of tumour cells
  std::vector<PointUm> places;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!counted.empty() && counted[i] == 0) continue;
    ++out.cells;
    if (tumour[i] == 0) continue;
    rows.push_back(static_cast<std::uint32_t>(i));
    places.push_back(place_of(cells, i, um_per_px));
  }
  out.tumour_cells = rows.size();
  const std::vector<std::int32_t> cluster = find_clusters(places, p.link_um, p.min_cells);
  std::vector<std::uint8_t> in_focus(cells.size());
  std::size_t grouped = 0;
  for (std::size_t k = 0; k < rows.size(); ++k)
    if (cluster[k] >= 0) in_focus[rows[k]] = 1, ++grouped;
  out.cells_in_foci_share = rows.empty() ? kNan : static_cast<double>(grouped) / static_cast<double>(rows.size());
  Mask region(scale.grid(), std::uint8_t{0});
  if (grouped > 0) {
    const Mask covered = detail::covered_squares(q, labels, scale, cells.cell_id, in_focus);
    region = detail::closed(q, covered, p.close_um / scale.side_um);
    for (std::int64_t i = 0; i < region.extent().area(); ++i)
      region.data()[i] = (region.data()[i] | covered.data()[i]) & tissue.data()[i];
  }

  // Areas, by focus and by block.
  const int block_squares = std::max(1, static_cast<int>(kBlockUm / scale.side_um + 0.5));
  std::map<std::pair<int, int>, InfiltrationBlock> blocks;
  const auto block_at = [&](int x, int y) -> InfiltrationBlock& {
    InfiltrationBlock& b = blocks[{y / block_squares, x / block_squares}];
    b.x = x / block_squares, b.y = y / block_squares;
    return b;
  };
  std::int64_t tissue_squares = 0, region_squares = 0;
  for (int y = 0; y < tissue.height(); ++y)
    for (int x = 0; x < tissue.width(); ++x) {
      if (tissue(x, y) == 0) continue;
      InfiltrationBlock& b = block_at(x, y);
      ++tissue_squares, b.tissue_mm2 += square_mm2;
      if (region(x, y) != 0) ++region_squares, b.tumour_area_mm2 += square_mm2;
    }
  double tumour_cell_mm2 = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!counted.empty() && counted[i] == 0) continue;
    const PointUm at = place_of(cells, i, um_per_px);
    InfiltrationBlock& b = block_at(scale.column(at.x / um_per_px), scale.row(at.y / um_per_px));
    ++b.cells;
    if (tumour[i] == 0) continue;
    const double mm2 = cells.cell[i].area_px * um_per_px * um_per_px / 1e6;
    ++b.tumour_cells, b.tumour_cell_area_mm2 += mm2, tumour_cell_mm2 += mm2;
  }
  for (const auto& [place, block] : blocks) out.blocks.push_back(block);
  out.tissue_mm2 = static_cast<double>(tissue_squares) * square_mm2;
  const auto per_tissue = [&](double v) { return out.tissue_mm2 > 0 ? v / out.tissue_mm2 : kNan; };
  out.tumour_cell_area_fraction = per_tissue(tumour_cell_mm2);
  out.tumour_area_fraction = per_tissue(static_cast<double>(region_squares) * square_mm2);
  out.tumour_cells_per_mm2 = per_tissue(static_cast<double>(out.tumour_cells));

  // Foci: a part of the region belongs to the focus of the first cell that lies in it.
  const std::vector<double> depth = [&] {
    std::vector<double> all(rows.size(), kNan);
    const HostPlane<std::int32_t> squared = squared_distance(q, found.outside.view());
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::int32_t d2 = squared(scale.column(places[k].x / um_per_px), scale.row(places[k].y / um_per_px));
      if (d2 != kNoSeed) all[k] = std::sqrt(static_cast<double>(d2)) * scale.side_um;
    }
    return all;
  }();
  std::vector<std::vector<double>> depths;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (cluster[k] < 0) continue;
    const auto f = static_cast<std::size_t>(cluster[k]);
    if (f >= out.foci.size()) out.foci.resize(f + 1), depths.resize(f + 1);
    Focus& focus = out.foci[f];
    ++focus.cells, focus.x_um += places[k].x, focus.y_um += places[k].y;
    if (std::isfinite(depth[k])) depths[f].push_back(depth[k]);
  }
  for (std::size_t f = 0; f < out.foci.size(); ++f) {
    Focus& focus = out.foci[f];
    focus.x_um /= static_cast<double>(focus.cells), focus.y_um /= static_cast<double>(focus.cells);
    focus.border_um = quantile(depths[f], 0.5);
  }
  if (region_squares > 0) {
    const Components parts = mask_components(q, region.view(), 1);
    HostPlane<std::uint32_t> part_of(region.extent(), 0);
    for (std::size_t i = 0; i < parts.runs.size(); ++i) {
      const Run& r = parts.runs[i];
      std::fill(part_of.view().row(r.y) + r.x0, part_of.view().row(r.y) + r.x1, parts.component[i] + 1);
    }
    std::vector<char> taken(parts.count());
    for (std::size_t k = 0; k < rows.size(); ++k) {
      if (cluster[k] < 0) continue;
      const std::uint32_t part = part_of(scale.column(places[k].x / um_per_px), scale.row(places[k].y / um_per_px));
      if (part == 0 || taken[part - 1] != 0) continue;
      taken[part - 1] = 1;
      out.foci[static_cast<std::size_t>(cluster[k])].area_mm2 +=
          static_cast<double>(parts.area_px[part - 1]) * square_mm2;
    }
  }
  std::vector<double> finite;
  std::copy_if(depth.begin(), depth.end(), std::back_inserter(finite), [](double d) { return std::isfinite(d); });
  out.border = summary_of(finite);
  out.vessels = summary_of(distances_to(q, found.vessels, scale, um_per_px, places));
  for (const double cut : p.grades) out.grade += !out.foci.empty() && out.tumour_area_fraction >= cut ? 1 : 0;

  out.square_px = scale.side_px;
  out.squares = std::move(tissue);
  for (std::int64_t i = 0; i < region.extent().area(); ++i) out.squares.data()[i] += region.data()[i];
  return out;
}

}  // namespace hexaplex
