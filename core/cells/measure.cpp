#include "core/cells/measure.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "core/cells/cell_row.h"
#include "core/cells/label_boxes.h"
#include "core/cells/large_cells.h"
#include "core/cells/measure_regions.h"
#include "core/image/tissue_area.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr ComputeStage kStage{"measuring"};
constexpr TileShape kDeviceTile = 1024;

std::vector<FixedPoint> fixed_points(const CpuQueue& q, const ChannelSource& source, std::span<const int> channels) {
  std::vector<FixedPoint> fixed;
  for (const int c : channels) {
    try {
      fixed.push_back(fixed_point_for(source.largest_magnitude(q, c)));
    } catch (const InvalidArgument& e) {
      throw InvalidArgument("channel " + source.names()[static_cast<std::size_t>(c)] + ": " + e.what());
    }
  }
  return fixed;
}

std::vector<std::string> names_of(const ChannelSource& source, std::span<const int> channels) {
  std::vector<std::string> names;
  for (const int c : channels) names.push_back(source.names()[static_cast<std::size_t>(c)]);
  return names;
}

// The rows of each tile's cells: tile after tile, those of a tile ascending.
struct Owners {
  HostVector<std::uint32_t> rows;
  std::vector<std::size_t> first;  // of each tile, and the end
};

// Finds the tile that a pixel of a piece lies in.
class TileIndex {
 public:
  TileIndex(const TissueArea& area, const std::vector<Rect>& tiles, TileShape shape)
      : area_(area),
        width_(shape.whole() ? area.slide().width : shape.width),
        height_(shape.whole() ? area.slide().height : shape.height) {
    for (const Rect& p : area.pieces()) {
      grids_.push_back({p.x / width_, p.y / height_, (p.right() - 1) / width_ - p.x / width_ + 1, {}});
      grids_.back().tiles.resize(static_cast<std::size_t>(grids_.back().across) *
                                 ((p.bottom() - 1) / height_ - p.y / height_ + 1));
    }
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      const auto [piece, place] = place_of(tiles[t]);
      grids_[piece].tiles[place] = t;
    }
  }

  std::size_t of(Rect box) const {
    const auto [piece, place] = place_of(box);
    return grids_[piece].tiles[place];
  }

 private:
  struct Grid {
    int column = 0, row = 0, across = 0;  // in tiles of the slide
    std::vector<std::size_t> tiles;
  };
  std::pair<std::size_t, std::size_t> place_of(Rect box) const {
    const auto piece = area_.piece_around(box);
    HX_EXPECT(piece, "a cell lies in no piece of tissue");
    const Grid& g = grids_[*piece];
    return {*piece, static_cast<std::size_t>(box.y / height_ - g.row) * g.across + (box.x / width_ - g.column)};
  }

  const TissueArea& area_;
  int width_, height_;
  std::vector<Grid> grids_;
};

Owners owners_of(const HostVector<LabelBox>& boxes, const std::vector<Rect>& tiles, const TileIndex& index) {
  Owners out;
  out.first.assign(tiles.size() + 1, 0);
  for (const LabelBox& b : boxes)
    if (!is_large(b)) ++out.first[index.of(b.rect()) + 1];
  std::partial_sum(out.first.begin(), out.first.end(), out.first.begin());
  out.rows.resize(out.first.back());
  std::vector<std::size_t> next(out.first.begin(), out.first.end() - 1);
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (!is_large(boxes[i])) out.rows[next[index.of(boxes[i].rect())]++] = static_cast<std::uint32_t>(i);
  return out;
}

// The regions of a tile that are its own cells. Both are ascending by label.
std::vector<RegionRow> own_regions(const RegionRuns& regions, std::span<const std::uint32_t> rows,
                                   const HostVector<LabelBox>& boxes) {
  std::vector<RegionRow> own;
  std::size_t next = 0;
  for (std::size_t i = 0; i < regions.size() && next < rows.size(); ++i)
    if (regions.labels[i] == boxes[rows[next]].label) own.push_back({i, rows[next++]});
  HX_EXPECT(next == rows.size(), "a cell does not show in the window of its tile");
  return own;
}

// Boxes of all cells in the slide, ascending by label.
HostVector<LabelBox> slide_boxes(const CpuQueue& q, const LabelView& labels) {
  HostVector<LabelBox> all;
  for (std::size_t i = 0; i < labels.area().pieces().size(); ++i) {
    const Rect& piece = labels.area().pieces()[i];
    HostVector<LabelBox> own = label_boxes(q, labels.cells_of(i), labels.nuclei_of(i));
    for (LabelBox& b : own) b.left += piece.x, b.right += piece.x, b.top += piece.y, b.bottom += piece.y;
    if (i == 0) {
      all = std::move(own);
    } else {
      all.insert(all.end(), own.begin(), own.end());
    }
  }
  if (labels.area().pieces().size() > 1)
    std::sort(all.begin(), all.end(), [](const LabelBox& a, const LabelBox& b) { return a.label < b.label; });
  return all;
}

// A slide of one piece that lies in memory.
CellTable measure_whole(const CpuQueue& q, const ChannelSource& source, std::span<const int> channels,
                        const LabelView& labels, std::span<const FixedPoint> fixed, int reach2_px,
                        const MeasureOptions& options) {
  const Rect piece = labels.area().pieces()[0];
  const ChannelWindow seen = source.read(q, piece, channels);
  const RegionRuns regions = label_runs(q, labels.cells_of(0), labels.nuclei_of(0), piece.x, piece.y);
  CellTable table = empty_table(q, names_of(source, channels), regions.size(), options);
  table.cell_id = regions.labels;
  std::vector<RegionRow> all;
  for (std::size_t i = 0; i < regions.size(); ++i) all.push_back({i, i});
  measure_regions(q, regions, all, {seen.planes, fixed, piece.x, piece.y},
                  {labels.extent(), reach2_px, fixed, options, table});
  return table;
}

int round_up(int n, int step) {
  return (n + step - 1) / step * step;
}

}  // namespace

CellTable measure_cells(const CpuQueue& q, const ChannelSource& source, std::span<const int> channels,
                        const LabelView& labels, double um_per_px, double membrane_um, TileShape tile_px,
                        const MeasureOptions& options, Thumbnails* thumbnails) {
  ComputePlace cpu;
  return measure_cells(q, cpu, source, channels, labels, um_per_px, membrane_um, tile_px, options, thumbnails);
}

CellTable measure_cells(const CpuQueue& q, ComputePlace& place, const ChannelSource& source,
                        std::span<const int> channels, const LabelView& labels, double um_per_px, double membrane_um,
                        TileShape tile_px, const MeasureOptions& options, Thumbnails* thumbnails) {
  const int reach2_px = membrane_reach2_px(um_per_px, membrane_um);
  const Extent slide = labels.extent();
  HX_EXPECT(channels.empty() || source.extent() == slide, "the channels and the labels differ in extent");
  const std::vector<FixedPoint> fixed = fixed_points(q, source, channels);
  if (place.on_device() && tile_px.whole()) tile_px = kDeviceTile;
  if (thumbnails != nullptr && !tile_px.whole()) {
    tile_px.width = round_up(tile_px.width, thumbnails->shrink());
    tile_px.height = round_up(tile_px.height, thumbnails->shrink());
  }
  const TissueArea& area = labels.area();
  const std::vector<Rect> tiles = tissue_tiles(area, tile_px);
  if (source.held() && area.pieces().size() == 1 && !place.on_device()) {
    if (thumbnails != nullptr)
      for_each_task(q, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t t) {
        const Rect core = tiles[static_cast<std::size_t>(t)];
        thumbnails->add(core, source.read(CpuQueue{1}, core, channels).planes);
      });
    return measure_whole(q, source, channels, labels, fixed, reach2_px, options);
  }

  const HostVector<LabelBox> boxes = slide_boxes(q, labels);
  CellTable table = empty_table(q, names_of(source, channels), boxes.size(), options);
  for (std::size_t i = 0; i < boxes.size(); ++i) table.cell_id[i] = boxes[i].label;
  const Owners owners = owners_of(boxes, tiles, TileIndex(area, tiles, tile_px));
  std::vector<float> magnitudes;
  for (const int c : channels) magnitudes.push_back(source.largest_magnitude(q, c));
  LargeCells large(boxes, slide, table.markers, magnitudes, um_per_px, membrane_um, options);
  const Measuring measuring{slide, reach2_px, fixed, options, table};

  for_each_task(q, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t t) {
    const CpuQueue one{1};
    const Rect core = tiles[static_cast<std::size_t>(t)];
    const std::span<const std::uint32_t> rows{owners.rows.data() + owners.first[t],
                                              owners.first[t + 1] - owners.first[t]};
    const bool has_large = large.any_in(core);
    if (rows.empty() && !has_large && (thumbnails == nullptr || !area.any_tissue(core))) return;
    Rect window = has_large ? large.window(core) : core;
    for (const std::uint32_t row : rows) window = bounds(window, boxes[row].rect());
    const ChannelWindow seen = source.read(one, window, channels);
    if (thumbnails != nullptr) {
      std::vector<Plane<const float>> planes;
      for (const auto& p : seen.planes) planes.push_back(p.window(seen_from(window.x, window.y, core)));
      thumbnails->add(core, planes);
    }
    if (has_large) large.add(one, core, labels, seen, window);
    if (rows.empty()) return;
    const auto cells = labels.cell.read(window);
    const auto nuclei = labels.has_nuclei() ? labels.nucleus.read(window) : PieceView<std::uint32_t>::Window{};
    const RegionRuns regions = label_runs(one, cells.pixels, nuclei.pixels, window.x, window.y);
    const std::vector<RegionRow> own = own_regions(regions, rows, boxes);
    const ChannelPlanes planes{seen.planes, fixed, window.x, window.y};
    const auto on_cpu = [&] { measure_regions(one, regions, own, planes, measuring); };
#if HX_WITH_CUDA
    place.either(
        kStage,
        [&] {
          const LanePool::Lease lane(place.lanes());
          measure_regions(*lane, regions, own, planes, measuring);
        },
        on_cpu);
#else
    on_cpu();
#endif
  });
  place.release_lanes();
  large.finish(q, table);
  return table;
}

CellTable measure_cells(const CpuQueue& q, std::span<const MeasuredChannel> channels, const LabelPair& labels,
                        double um_per_px, double membrane_um, const MeasureOptions& options) {
  std::vector<std::string> names;
  std::vector<Plane<const float>> planes;
  std::vector<int> all;
  for (const MeasuredChannel& c : channels) {
    all.push_back(static_cast<int>(all.size()));
    names.push_back(c.marker);
    planes.push_back(c.pixels);
  }
  const HeldChannels source(labels.cell.extent(), std::move(names), std::move(planes));
  return measure_cells(q, source, all, labels, um_per_px, membrane_um, {}, options);
}

}  // namespace hexaplex
