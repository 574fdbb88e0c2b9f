#include "core/cells/measure.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <string>

#include "core/cells/cell_row.h"
#include "core/cells/label_boxes.h"
#include "core/image/tile_loop.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// A cell whose box is larger is put together from its parts in several tiles, so that no tile's window grows with it.
constexpr int kLargestBoxPx = 512;

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

// What measuring a cell takes, beside its pixels.
struct Measuring {
  Extent slide;
  int reach2_px;
  std::span<const FixedPoint> fixed;
  const MeasureOptions& options;
  CellTable& table;
};

// Measures regions that lie whole in the planes. row_of(i) is the table's row of regions.labels[i], or negative to
// leave it out.
template <class RowOf>
void measure_regions(const CpuQueue& q, const RegionRuns& regions, const ChannelPlanes& view, const Measuring& m,
                     RowOf row_of) {
  for_each_band(q, static_cast<std::int64_t>(regions.size()), 64, [&](std::int64_t begin, std::int64_t end) {
    BorderBand band(m.slide, m.reach2_px);
    CellRowWriter writer(m.table, m.fixed, m.options);
    std::vector<PixelRun> runs;
    std::vector<ChannelSums> sums;
    std::vector<float> pixels;
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const std::int64_t at = row_of(i);
      if (at < 0) continue;
      const auto row = static_cast<std::size_t>(at);
      band.mark(regions.of(i), runs);
      std::int64_t counts[kPartCount] = {};
      sums.assign(kPartCount * view.planes.size(), {});
      add_region_sums(runs, view, counts, sums);
      writer.write_sums(row, counts, sums);
      writer.write_shapes(row, runs);
      if (!m.table.has(Statistic::median)) continue;
      writer.start_medians(runs);
      for (std::size_t channel = 0; channel < view.planes.size(); ++channel) {
        pixels.clear();
        for (const PixelRun& r : runs) {
          const float* pixel = view.planes[channel].row(r.y - view.origin_y) - view.origin_x;
          pixels.insert(pixels.end(), pixel + r.begin, pixel + r.end);
        }
        writer.write_medians(row, channel, pixels);
      }
    }
  });
}

Plane<const std::uint32_t> window_of(const HostPlane<std::uint32_t>& labels, Rect window) {
  return labels.extent().empty() ? Plane<const std::uint32_t>{} : labels.view().window(window);
}

Rect bounds(Rect a, Rect b) {
  const int left = std::min(a.x, b.x), top = std::min(a.y, b.y);
  return {left, top, std::max(a.right(), b.right()) - left, std::max(a.bottom(), b.bottom()) - top};
}

Rect common(Rect a, Rect b) {
  const int left = std::max(a.x, b.x), top = std::max(a.y, b.y);
  return {left, top, std::max(0, std::min(a.right(), b.right()) - left),
          std::max(0, std::min(a.bottom(), b.bottom()) - top)};
}

bool is_large(const LabelBox& box) {
  return box.right - box.left > kLargestBoxPx || box.bottom - box.top > kLargestBoxPx;
}

// The rows of each tile's cells: tile after tile, those of a tile ascending.
struct Owners {
  HostVector<std::uint32_t> rows;
  std::vector<std::size_t> first;  // of each tile, and the end
};

Owners owners_of(const HostVector<LabelBox>& boxes, const std::vector<Tile>& tiles, TileShape shape, Extent slide) {
  const int width = shape.whole() ? slide.width : shape.width, height = shape.whole() ? slide.height : shape.height;
  const int across = (slide.width + width - 1) / width;
  std::vector<std::size_t> tile_at(tiles.size());
  for (std::size_t t = 0; t < tiles.size(); ++t)
    tile_at[static_cast<std::size_t>(tiles[t].core.y / height) * across + tiles[t].core.x / width] = t;
  const auto tile_of = [&](const LabelBox& b) {
    return tile_at[static_cast<std::size_t>(b.top / height) * across + b.left / width];
  };
  Owners out;
  out.first.assign(tiles.size() + 1, 0);
  for (const LabelBox& b : boxes)
    if (!is_large(b)) ++out.first[tile_of(b) + 1];
  std::partial_sum(out.first.begin(), out.first.end(), out.first.begin());
  out.rows.resize(out.first.back());
  std::vector<std::size_t> next(out.first.begin(), out.first.end() - 1);
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (!is_large(boxes[i])) out.rows[next[tile_of(boxes[i])]++] = static_cast<std::uint32_t>(i);
  return out;
}

// Cells that are larger than a tile's window should be: their parts are added up.
class LargeCells {
 public:
  LargeCells(const HostVector<LabelBox>& boxes, Extent slide, std::vector<std::string> markers,
             const std::vector<float>& magnitudes, double um_per_px, double membrane_um, const MeasureOptions& options)
      : measurer_(slide, std::move(markers), magnitudes, um_per_px, membrane_um, options), slide_(slide) {
    for (std::size_t i = 0; i < boxes.size(); ++i)
      if (is_large(boxes[i])) {
        labels_.push_back(boxes[i].label);
        rows_.push_back(i);
        boxes_.push_back(boxes[i].rect());
      }
  }

  bool any_in(Rect core) const {
    return std::any_of(boxes_.begin(), boxes_.end(), [&](Rect b) { return common(b, core).area() > 0; });
  }

  /// What a tile must see of the channels and labels for them.
  Rect window(Rect core) const {
    const int halo = measurer_.halo_px();
    return common({core.x - halo, core.y - halo, core.width + 2 * halo, core.height + 2 * halo},
                  {0, 0, slide_.width, slide_.height});
  }

  void add(const CpuQueue& q, Rect core, const LabelPair& labels, const ChannelWindow& seen, Rect seen_window) {
    const Rect w = window(core);
    std::vector<Plane<const float>> planes;
    for (const auto& p : seen.planes)
      planes.push_back(p.window({w.x - seen_window.x, w.y - seen_window.y, w.width, w.height}));
    const HostPlane<std::uint32_t> cell = only_large(window_of(labels.cell, w));
    const HostPlane<std::uint32_t> nucleus = only_large(window_of(labels.nucleus, w));
    std::lock_guard<std::mutex> lock(guard_);
    measurer_.accumulate(q, w, core, planes, nucleus.view(), cell.view());
  }

  void finish(const CpuQueue& q, CellTable& table) {
    if (labels_.empty()) return;
    const CellTable found = measurer_.finish(q);
    for (std::size_t i = 0; i < labels_.size(); ++i) table.copy_row(rows_[i], found, i);
  }

 private:
  HostPlane<std::uint32_t> only_large(Plane<const std::uint32_t> from) const {
    HostPlane<std::uint32_t> out(from.extent);
    for (int y = 0; y < from.height(); ++y)
      for (int x = 0; x < from.width(); ++x)
        out(x, y) = std::binary_search(labels_.begin(), labels_.end(), from(x, y)) ? from(x, y) : 0;
    return out;
  }

  CellMeasurer measurer_;
  Extent slide_;
  std::mutex guard_;
  std::vector<std::uint32_t> labels_;  // ascending
  std::vector<std::size_t> rows_;
  std::vector<Rect> boxes_;
};

CellTable measure_whole(const CpuQueue& q, const ChannelSource& source, std::span<const int> channels,
                        const LabelPair& labels, std::span<const FixedPoint> fixed, int reach2_px,
                        const MeasureOptions& options) {
  const Extent slide = labels.cell.extent();
  const ChannelWindow seen = source.read(q, {0, 0, slide.width, slide.height}, channels);
  const RegionRuns regions = label_runs(q, labels.cell.view(), labels.nucleus.view());
  CellTable table = empty_table(q, names_of(source, channels), regions.size(), options);
  table.cell_id = regions.labels;
  measure_regions(q, regions, {seen.planes, fixed}, {slide, reach2_px, fixed, options, table},
                  [](std::size_t i) { return static_cast<std::int64_t>(i); });
  return table;
}

int round_up(int n, int step) {
  return (n + step - 1) / step * step;
}

}  // namespace

CellTable measure_cells(const CpuQueue& q, const ChannelSource& source, std::span<const int> channels,
                        const LabelPair& labels, double um_per_px, double membrane_um, TileShape tile_px,
                        const MeasureOptions& options, Thumbnails* thumbnails) {
  const int reach2_px = membrane_reach2_px(um_per_px, membrane_um);
  const Extent slide = labels.cell.extent();
  HX_EXPECT(channels.empty() || source.extent() == slide, "the channels and the labels differ in extent");
  const std::vector<FixedPoint> fixed = fixed_points(q, source, channels);
  if (thumbnails != nullptr && !tile_px.whole()) {
    tile_px.width = round_up(tile_px.width, thumbnails->shrink());
    tile_px.height = round_up(tile_px.height, thumbnails->shrink());
  }
  const std::vector<Tile> tiles = make_tiles(slide, tile_px, 0);
  if (source.held()) {
    if (thumbnails != nullptr)
      for_each_tile(q, tiles, [&](const CpuQueue& inner, const Tile& tile) {
        thumbnails->add(tile.core, source.read(inner, tile.core, channels).planes);
      });
    return measure_whole(q, source, channels, labels, fixed, reach2_px, options);
  }

  const HostVector<LabelBox> boxes = label_boxes(q, labels.cell.view(), labels.nucleus.view());
  CellTable table = empty_table(q, names_of(source, channels), boxes.size(), options);
  for (std::size_t i = 0; i < boxes.size(); ++i) table.cell_id[i] = boxes[i].label;
  const Owners owners = owners_of(boxes, tiles, tile_px, slide);
  std::vector<float> magnitudes;
  for (const int c : channels) magnitudes.push_back(source.largest_magnitude(q, c));
  LargeCells large(boxes, slide, table.markers, magnitudes, um_per_px, membrane_um, options);
  const Measuring measuring{slide, reach2_px, fixed, options, table};

  for_each_task(q, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t t) {
    const CpuQueue one{1};
    const Rect core = tiles[static_cast<std::size_t>(t)].core;
    const std::span<const std::uint32_t> rows{owners.rows.data() + owners.first[t],
                                              owners.first[t + 1] - owners.first[t]};
    const bool has_large = large.any_in(core);
    if (rows.empty() && !has_large && thumbnails == nullptr) return;
    Rect window = has_large ? large.window(core) : core;
    for (const std::uint32_t row : rows) window = bounds(window, boxes[row].rect());
    const ChannelWindow seen = source.read(one, window, channels);
    if (thumbnails != nullptr) {
      std::vector<Plane<const float>> planes;
      for (const auto& p : seen.planes)
        planes.push_back(p.window({core.x - window.x, core.y - window.y, core.width, core.height}));
      thumbnails->add(core, planes);
    }
    if (has_large) large.add(one, core, labels, seen, window);
    if (rows.empty()) return;
    const RegionRuns regions =
        label_runs(one, window_of(labels.cell, window), window_of(labels.nucleus, window), window.x, window.y);
    measure_regions(one, regions, {seen.planes, fixed, window.x, window.y}, measuring, [&](std::size_t i) {
      const auto at =
          std::lower_bound(rows.begin(), rows.end(), regions.labels[i],
                           [&](std::uint32_t row, std::uint32_t label) { return boxes[row].label < label; });
      return at != rows.end() && boxes[*at].label == regions.labels[i] ? static_cast<std::int64_t>(*at) : -1;
    });
  });
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

CellTable measure_cells(const CpuQueue& q, const Field& field, const LabelPair& labels, double membrane_um,
                        const MeasureOptions& options) {
  std::vector<MeasuredChannel> channels;
  for (const FieldChannel& c : field.channels) channels.push_back({c.name, c.pixels.view()});
  return measure_cells(q, channels, labels, field.um_per_px, membrane_um, options);
}

}  // namespace hexaplex
