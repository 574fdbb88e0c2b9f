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

// Of those that are numbers.
DistanceSummary summary_of(std::vector<double> distances) {
  distances.erase(std::remove_if(distances.begin(), distances.end(), [](double d) { return std::isnan(d); }),
                  distances.end());
  return {quantile(distances, 0.5), quantile(distances, 0.25), quantile(distances, 0.75)};
}

// The tumour cells that are counted: their rows in the table, where they are, and to which focus they belong.
struct TumourCells {
  std::vector<std::uint32_t> rows;
  std::vector<PointUm> places;
  std::vector<std::int32_t> focus;  // -1: none
};

// Reads one cell after the other, those that are not counted left out.
class CellReader {
 public:
  CellReader(const CellTable& cells, std::span<const std::uint8_t> tumour, std::span<const std::uint8_t> counted,
             double um_per_px)
      : cells_(cells), tumour_(tumour), counted_(counted), um_per_px_(um_per_px) {}

  /// f(row, place in µm, whether it is tumour)
  template <class F>
  void for_each(F f) const {
    for (std::size_t i = 0; i < cells_.size(); ++i)
      if (counted_.empty() || counted_[i] != 0) f(i, place_of(cells_, i, um_per_px_), tumour_[i] != 0);
  }
  double area_mm2(std::size_t i) const { return cells_.cell[i].area_px * um_per_px_ * um_per_px_ / 1e6; }

 private:
  const CellTable& cells_;
  std::span<const std::uint8_t> tumour_, counted_;
  double um_per_px_;
};

TumourCells find_tumour_cells(const CellReader& reader, const InfiltrationParams& p) {
  TumourCells out;
  reader.for_each([&](std::size_t row, PointUm at, bool tumour) {
    if (!tumour) return;
    out.rows.push_back(static_cast<std::uint32_t>(row));
    out.places.push_back(at);
  });
  out.focus = find_clusters(out.places, p.link_um, p.min_cells);
  return out;
}

// Tissue without what the quality mask says cannot be assessed.
Mask assessable_squares(const Mask& tissue, const QualityMask* quality, const SquareScale& scale) {
  Mask out = tissue.copy();
  if (quality == nullptr) return out;
  for (int y = 0; y < out.height(); ++y)
    for (int x = 0; x < out.width(); ++x)
      if (!quality->assessable((x + 0.5) * scale.side_px - 0.5, (y + 0.5) * scale.side_px - 0.5)) out(x, y) = 0;
  return out;
}

// Squares whose centres lie in the region.
Mask squares_in(const Mask& tissue, const RegionArea* region, const SquareScale& scale) {
  if (region == nullptr) return tissue.copy();
  Mask out(tissue.extent(), std::uint8_t{0});
  const double side = scale.side_px;
  for (int y = 0; y < out.height(); ++y)
    for (const Span& s : region->along((y + 0.5) * side, 0.5 * side, side, out.width()))
      std::copy(tissue.view().row(y) + s.begin, tissue.view().row(y) + s.end, out.view().row(y) + s.begin);
  return out;
}

// The tissue between and under the cells of foci.
Mask region_of(const CpuQueue& q, const TumourCells& tumour, const LabelView& labels, const CellTable& cells,
               const Mask& tissue, const SquareScale& scale, double close_um) {
  std::vector<std::uint8_t> in_focus(cells.size());
  bool any = false;
  for (std::size_t k = 0; k < tumour.rows.size(); ++k)
    if (tumour.focus[k] >= 0) in_focus[tumour.rows[k]] = 1, any = true;
  if (!any) return Mask(scale.grid(), std::uint8_t{0});
  const Mask covered = detail::covered_squares(q, labels, scale, cells.cell_id, in_focus);
  Mask region = detail::closed(q, covered, close_um / scale.side_um);
  for (std::int64_t i = 0; i < region.extent().area(); ++i)
    region.data()[i] = (region.data()[i] | covered.data()[i]) & tissue.data()[i];
  return region;
}

std::vector<InfiltrationBlock> sum_by_block(const Mask& tissue, const Mask& region, const CellReader& cells,
                                            const SquareScale& scale) {
  const int side = std::max(1, static_cast<int>(kBlockUm / scale.side_um + 0.5));
  const double square_mm2 = scale.area_um2() / 1e6;
  std::map<std::pair<int, int>, InfiltrationBlock> blocks;
  const auto block_at = [&](int x, int y) -> InfiltrationBlock& {
    InfiltrationBlock& b = blocks[{y / side, x / side}];
    b.x = x / side, b.y = y / side;
    return b;
  };
  for (int y = 0; y < tissue.height(); ++y)
    for (int x = 0; x < tissue.width(); ++x) {
      if (tissue(x, y) == 0) continue;
      InfiltrationBlock& b = block_at(x, y);
      b.tissue_mm2 += square_mm2;
      if (region(x, y) != 0) b.tumour_area_mm2 += square_mm2;
    }
  cells.for_each([&](std::size_t row, PointUm at, bool tumour) {
    InfiltrationBlock& b = block_at(scale.column_at(at.x), scale.row_at(at.y));
    ++b.cells;
    if (tumour) ++b.tumour_cells, b.tumour_cell_area_mm2 += cells.area_mm2(row);
  });
  std::vector<InfiltrationBlock> out;
  for (const auto& [place, block] : blocks) out.push_back(block);
  return out;
}

// Distance of each tumour cell from the nearest square of a mask; NaN where it has none, and of other cells.
std::vector<double> distances_to(const CpuQueue& q, const Mask& seeds, const SquareScale& scale, const CellTable& cells,
                                 std::span<const std::uint8_t> tumour, double um_per_px) {
  const HostPlane<std::int32_t> squared = squared_distance(q, seeds.view());
  std::vector<double> out(cells.size(), kNan);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (tumour[i] == 0) continue;
    const PointUm p = place_of(cells, i, um_per_px);
    const std::int32_t d2 = squared(scale.column_at(p.x), scale.row_at(p.y));
    if (d2 != kNoSeed) out[i] = std::sqrt(static_cast<double>(d2)) * scale.side_um;
  }
  return out;
}

std::vector<double> of_rows(const std::vector<double>& values, const std::vector<std::uint32_t>& rows) {
  std::vector<double> out;
  for (const std::uint32_t row : rows) out.push_back(values[row]);
  return out;
}

// Gives each part of the region to the focus of the first cell that lies in it.
void share_out(const CpuQueue& q, const Mask& region, const TumourCells& tumour, const SquareScale& scale,
               std::vector<Focus>& foci) {
  const Components parts = mask_components(q, region.view(), 1);
  HostPlane<std::uint32_t> part_of(region.extent(), 0);
  for (std::size_t i = 0; i < parts.runs.size(); ++i) {
    const Run& r = parts.runs[i];
    std::fill(part_of.view().row(r.y) + r.x0, part_of.view().row(r.y) + r.x1, parts.component[i] + 1);
  }
  std::vector<char> taken(parts.count());
  for (std::size_t k = 0; k < tumour.rows.size(); ++k) {
    if (tumour.focus[k] < 0) continue;
    const std::uint32_t part = part_of(scale.column_at(tumour.places[k].x), scale.row_at(tumour.places[k].y));
    if (part == 0 || taken[part - 1] != 0) continue;
    taken[part - 1] = 1;
    foci[static_cast<std::size_t>(tumour.focus[k])].area_mm2 +=
        static_cast<double>(parts.area_px[part - 1]) * scale.area_um2() / 1e6;
  }
}

std::vector<Focus> describe_foci(const CpuQueue& q, const TumourCells& tumour, const std::vector<double>& border_um,
                                 const Mask& region, const SquareScale& scale) {
  std::vector<Focus> foci;
  std::vector<std::vector<double>> depths;
  for (std::size_t k = 0; k < tumour.rows.size(); ++k) {
    if (tumour.focus[k] < 0) continue;
    const auto f = static_cast<std::size_t>(tumour.focus[k]);
    if (f >= foci.size()) foci.resize(f + 1), depths.resize(f + 1);
    ++foci[f].cells, foci[f].x_um += tumour.places[k].x, foci[f].y_um += tumour.places[k].y;
    depths[f].push_back(border_um[k]);
  }
  for (std::size_t f = 0; f < foci.size(); ++f) {
    foci[f].x_um /= static_cast<double>(foci[f].cells), foci[f].y_um /= static_cast<double>(foci[f].cells);
    foci[f].border_um = summary_of(depths[f]).median_um;
  }
  if (!foci.empty()) share_out(q, region, tumour, scale, foci);
  return foci;
}

}  // namespace

struct InfiltrationGround::Ground {
  const CellTable& cells;
  LabelView labels;
  std::vector<std::uint8_t> tumour;
  double um_per_px;
  InfiltrationParams params;
  SquareScale scale;
  Mask tissue;                               // assessable
  std::vector<double> border_um, vessel_um;  // of each cell; NaN of those that are no tumour
};

InfiltrationGround::InfiltrationGround(const CpuQueue& q, const ChannelSource& channels,
                                       std::span<const double> density, const CellTable& cells, const LabelView& labels,
                                       std::span<const std::uint8_t> tumour, const QualityMask* quality,
                                       double um_per_px, const InfiltrationParams& p) {
  require_sound(p);
  HX_EXPECT(tumour.size() == cells.size(), "one verdict is needed for each cell");
  HX_EXPECT(um_per_px > 0, "um_per_px must be positive");
  const SquareScale scale(channels.extent(), um_per_px, p.square_um);
  const detail::TissueSquares found =
      detail::find_tissue_squares(q, channels, density, scale, p.tissue_density, p.hole_um2);
  const auto depths = [&](const Mask& seeds) { return distances_to(q, seeds, scale, cells, tumour, um_per_px); };
  ground_ = std::make_unique<Ground>(Ground{cells,
                                            labels,
                                            {tumour.begin(), tumour.end()},
                                            um_per_px,
                                            p,
                                            scale,
                                            assessable_squares(found.tissue, quality, scale),
                                            depths(found.outside),
                                            depths(found.vessels)});
}

InfiltrationGround::~InfiltrationGround() = default;

InfiltrationResult InfiltrationGround::measure(const CpuQueue& q, std::span<const std::uint8_t> counted,
                                               const RegionArea* drawn) const {
  const Ground& g = *ground_;
  const InfiltrationParams& p = g.params;
  HX_EXPECT(counted.empty() || counted.size() == g.cells.size(), "one verdict is needed for each cell");
  Mask tissue = squares_in(g.tissue, drawn, g.scale);
  const CellReader reader(g.cells, g.tumour, counted, g.um_per_px);
  const TumourCells tumour = find_tumour_cells(reader, p);
  const Mask region = region_of(q, tumour, g.labels, g.cells, tissue, g.scale, p.close_um);

  InfiltrationResult out;
  out.blocks = sum_by_block(tissue, region, reader, g.scale);
  double cell_mm2 = 0, region_mm2 = 0;
  for (const InfiltrationBlock& b : out.blocks) {
    out.tissue_mm2 += b.tissue_mm2, cell_mm2 += b.tumour_cell_area_mm2, region_mm2 += b.tumour_area_mm2;
    out.cells += b.cells, out.tumour_cells += b.tumour_cells;
  }
  const auto per_tissue = [&](double v) { return out.tissue_mm2 > 0 ? v / out.tissue_mm2 : kNan; };
  out.tumour_cell_area_fraction = per_tissue(cell_mm2);
  out.tumour_area_fraction = per_tissue(region_mm2);
  out.tumour_cells_per_mm2 = per_tissue(static_cast<double>(out.tumour_cells));
  const auto grouped = std::count_if(tumour.focus.begin(), tumour.focus.end(), [](std::int32_t f) { return f >= 0; });
  out.cells_in_foci_share =
      out.tumour_cells > 0 ? static_cast<double>(grouped) / static_cast<double>(out.tumour_cells) : kNan;
  const std::vector<double> border_um = of_rows(g.border_um, tumour.rows);
  out.border = summary_of(border_um);
  out.vessels = summary_of(of_rows(g.vessel_um, tumour.rows));
  out.foci = describe_foci(q, tumour, border_um, region, g.scale);
  for (const double cut : p.grades) out.grade += !out.foci.empty() && out.tumour_area_fraction >= cut ? 1 : 0;

  out.square_px = g.scale.side_px;
  out.squares = std::move(tissue);
  for (std::int64_t i = 0; i < region.extent().area(); ++i) out.squares.data()[i] += region.data()[i];
  return out;
}

InfiltrationResult measure_infiltration(const CpuQueue& q, const ChannelSource& channels,
                                        std::span<const double> density, const CellTable& cells,
                                        const LabelView& labels, std::span<const std::uint8_t> tumour,
                                        std::span<const std::uint8_t> counted, const QualityMask* quality,
                                        double um_per_px, const InfiltrationParams& params) {
  return InfiltrationGround(q, channels, density, cells, labels, tumour, quality, um_per_px, params)
      .measure(q, counted, nullptr);
}

}  // namespace hexaplex
