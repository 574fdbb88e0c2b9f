#include <algorithm>
#include <unordered_map>

#include "core/cells/cell_row.h"
#include "core/cells/measure.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// What is known of one cell so far.
struct Entry {
  HostVector<PixelRun> runs;
  std::int64_t counts[kPartCount] = {};
  std::vector<ChannelSums> sums;          // [part][channel]
  std::vector<HostVector<float>> pixels;  // [channel], in the order of the runs; only with medians
};

void merge(Entry& into, Entry&& from) {
  if (into.runs.empty()) {
    into = std::move(from);
    return;
  }
  into.runs.insert(into.runs.end(), from.runs.begin(), from.runs.end());
  for (int p = 0; p < kPartCount; ++p) into.counts[p] += from.counts[p];
  for (std::size_t k = 0; k < into.sums.size(); ++k) into.sums[k].add(from.sums[k]);
  for (std::size_t c = 0; c < into.pixels.size(); ++c)
    into.pixels[c].insert(into.pixels[c].end(), from.pixels[c].begin(), from.pixels[c].end());
}

void clip(std::vector<PixelRun>& runs, Rect core) {
  std::size_t kept = 0;
  for (PixelRun r : runs) {
    r.begin = std::max(r.begin, core.x);
    r.end = std::min(r.end, core.right());
    if (r.y >= core.y && r.y < core.bottom() && r.begin < r.end) runs[kept++] = r;
  }
  runs.resize(kept);
}

}  // namespace

struct CellMeasurer::State {
  Extent slide;
  std::vector<std::string> markers;
  std::vector<FixedPoint> fixed;
  int reach2_px;
  MeasureOptions options;
  std::unordered_map<std::uint32_t, Entry> entries;
};

CellMeasurer::CellMeasurer(Extent slide, std::vector<std::string> markers, const std::vector<float>& largest_magnitude,
                           double um_per_px, double membrane_um, const MeasureOptions& options)
    : state_(std::make_unique<State>()) {
  HX_EXPECT(markers.size() == largest_magnitude.size(), "one magnitude is needed for each marker");
  state_->slide = slide;
  state_->markers = std::move(markers);
  for (const float m : largest_magnitude) state_->fixed.push_back(fixed_point_for(m));
  state_->reach2_px = membrane_reach2_px(um_per_px, membrane_um);
  state_->options = options;
}
CellMeasurer::~CellMeasurer() = default;
CellMeasurer::CellMeasurer(CellMeasurer&&) noexcept = default;

int CellMeasurer::halo_px() const {
  return BorderBand(state_->slide, state_->reach2_px).halo_px();
}

void CellMeasurer::accumulate(const CpuQueue& q, Rect window, Rect core, std::span<const Plane<const float>> channels,
                              Plane<const std::uint32_t> nucleus, Plane<const std::uint32_t> cell) {
  State& s = *state_;
  HX_EXPECT(channels.size() == s.markers.size(), "one plane is needed for each marker");
  HX_EXPECT(cell.extent == window.extent(), "the labels must show the window");
  for (const auto& plane : channels) HX_EXPECT(plane.extent == window.extent(), "a channel must show the window");
  const int halo = halo_px();
  HX_EXPECT(window.x <= std::max(0, core.x - halo) && window.y <= std::max(0, core.y - halo) &&
                window.right() >= std::min(s.slide.width, core.right() + halo) &&
                window.bottom() >= std::min(s.slide.height, core.bottom() + halo),
            "the window must hold the core and its halo");
  const RegionRuns regions = label_runs(q, cell, nucleus, window.x, window.y);
  const bool medians = s.options.medians && !s.options.means_only;
  const ChannelPlanes view{channels, s.fixed, window.x, window.y};
  std::vector<Entry> pieces(regions.size());
  for_each_band(q, static_cast<std::int64_t>(regions.size()), 64, [&](std::int64_t begin, std::int64_t end) {
    BorderBand band(s.slide, s.reach2_px);
    std::vector<PixelRun> runs;
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      Entry& piece = pieces[i];
      band.mark(regions.of(i), runs);
      clip(runs, core);
      if (runs.empty()) continue;
      piece.runs.assign(runs.begin(), runs.end());
      piece.sums.resize(kPartCount * channels.size());
      add_region_sums(piece.runs, view, piece.counts, piece.sums);
      if (!medians) continue;
      piece.pixels.resize(channels.size());
      for (std::size_t c = 0; c < channels.size(); ++c)
        for (const PixelRun& r : piece.runs) {
          const float* row = channels[c].row(r.y - window.y) - window.x;
          piece.pixels[c].insert(piece.pixels[c].end(), row + r.begin, row + r.end);
        }
    }
  });
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (!pieces[i].runs.empty()) merge(s.entries[regions.labels[i]], std::move(pieces[i]));
}

CellTable CellMeasurer::finish(const CpuQueue& q) {
  State& s = *state_;
  std::vector<std::uint32_t> labels;
  for (const auto& [label, entry] : s.entries) labels.push_back(label);
  std::sort(labels.begin(), labels.end());
  CellTable table = empty_table(q, s.markers, labels.size(), s.options);
  table.cell_id.assign(labels.begin(), labels.end());
  for_each_band(q, static_cast<std::int64_t>(labels.size()), 64, [&](std::int64_t begin, std::int64_t end) {
    CellRowWriter writer(table, s.fixed, s.options);
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      Entry& entry = s.entries.find(labels[i])->second;
      writer.write_sums(i, entry.counts, entry.sums);
      if (table.has(Statistic::median)) {
        writer.start_medians(entry.runs);
        for (std::size_t c = 0; c < s.markers.size(); ++c) writer.write_medians(i, c, entry.pixels[c]);
      }
      std::sort(entry.runs.begin(), entry.runs.end(),
                [](const PixelRun& a, const PixelRun& b) { return a.y != b.y ? a.y < b.y : a.begin < b.begin; });
      writer.write_shapes(i, entry.runs);
    }
  });
  return table;
}

}  // namespace hexaplex
