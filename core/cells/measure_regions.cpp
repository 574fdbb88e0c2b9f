#include "core/cells/measure_regions.h"

#include <algorithm>
#include <vector>

#include "core/cells/cell_row.h"
#include "core/image/tile_loop.h"
#include "kernels/measure/device_regions.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

void measure_regions(const CpuQueue& q, const RegionRuns& regions, std::span<const RegionRow> some,
                     const ChannelPlanes& channels, const Measuring& m) {
  for_each_band(q, static_cast<std::int64_t>(some.size()), 64, [&](std::int64_t begin, std::int64_t end) {
    BorderBand band(m.slide, m.reach2_px);
    CellRowWriter writer(m.table, m.fixed, m.options);
    std::vector<PixelRun> runs;
    std::vector<ChannelSums> sums;
    std::vector<float> pixels;
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const auto [region, row] = some[i];
      band.mark(regions.of(region), runs);
      std::int64_t counts[kPartCount] = {};
      sums.assign(kPartCount * channels.planes.size(), {});
      add_region_sums(runs, channels, counts, sums);
      writer.write_sums(row, counts, sums);
      writer.write_shapes(row, runs);
      if (!m.table.has(Statistic::median)) continue;
      writer.start_medians(runs);
      for (std::size_t c = 0; c < channels.planes.size(); ++c) {
        pixels.clear();
        for (const PixelRun& r : runs) {
          const float* pixel = channels.planes[c].row(r.y - channels.origin_y) - channels.origin_x;
          pixels.insert(pixels.end(), pixel + r.begin, pixel + r.end);
        }
        writer.write_medians(row, c, pixels);
      }
    }
  });
}

#if HX_WITH_CUDA

namespace {

constexpr std::size_t kMostStaged = std::size_t{8} << 20;  // for each thread of the host, unless one cell takes more

// What holds all pixels of some regions.
Rect bounds_of(const RegionRuns& regions, std::span<const RegionRow> some) {
  const PixelRun& any = regions.of(some.front().region).front();
  int left = any.begin, right = any.end, top = any.y, bottom = any.y + 1;
  for (const RegionRow& one : some)
    for (const PixelRun& r : regions.of(one.region)) {
      left = std::min(left, r.begin), right = std::max(right, r.end);
      top = std::min(top, r.y), bottom = std::max(bottom, r.y + 1);
    }
  return {left, top, right - left, bottom - top};
}

// Regions by their number among these, from 1: inner objects in a plane of their own. What other regions cover stays 0,
// which is as foreign to a region as they are.
void paint(const RegionRuns& regions, std::span<const RegionRow> some, Rect window, Plane<std::uint32_t> outer,
           Plane<std::uint32_t> inner) {
  fill(outer, 0u);
  fill(inner, 0u);
  for (std::size_t i = 0; i < some.size(); ++i)
    for (const PixelRun& r : regions.of(some[i].region)) {
      std::uint32_t* row = (r.part & kInnerPart ? inner : outer).row(r.y - window.y) - window.x;
      std::fill(row + r.begin, row + r.end, static_cast<std::uint32_t>(i + 1));
    }
}

std::size_t staged_bytes(Rect window, std::size_t channels) {
  constexpr std::size_t kBetween = 256;  // planes begin at multiples of that
  return static_cast<std::size_t>(window.area()) * (channels * sizeof(float) + 2 * sizeof(std::uint32_t)) +
         (channels + 2) * kBetween;
}

void measure_together(Lane& lane, const RegionRuns& regions, std::span<const RegionRow> some, Rect window,
                      const ChannelPlanes& channels, const Measuring& m) {
  const Extent e = window.extent();
  const auto q = std::get<CudaQueue>(lane.queue());
  lane.expect(staged_bytes(window, channels.planes.size()));
  const Plane<std::uint32_t> outer = lane.host_plane<std::uint32_t>(e), inner = lane.host_plane<std::uint32_t>(e);
  paint(regions, some, window, outer, inner);
  const LanePlane<std::uint32_t> outer_there = lane.send(outer), inner_there = lane.send(inner);
  std::vector<LanePlane<float>> pixels;
  std::vector<Plane<const float>> planes;
  for (const Plane<const float>& channel : channels.planes) {
    const Plane<float> staged = lane.host_plane<float>(e);
    copy_and_wait<float>(Queue{CpuQueue{1}}, channel.window(seen_from(channels.origin_x, channels.origin_y, window)),
                         staged);
    planes.push_back(pixels.emplace_back(lane.send(staged)).view);
  }
  RegionPlanes labels;
  labels.outer = outer_there.view;
  labels.inner = inner_there.view;
  labels.image = m.slide;
  labels.origin_x = window.x;
  labels.origin_y = window.y;
  labels.reach2_px = m.reach2_px;
  labels.core = {0, 0, e.width, e.height};
  labels.consecutive = static_cast<std::uint32_t>(some.size());
  const DeviceRegions<CudaQueue> there = regions_on(q, labels);
  const DeviceRegionTable<CudaQueue> sums = region_sums_on(q, there, {planes, m.fixed, window.x, window.y});
  DeviceBuffer<double> medians;
  if (m.table.has(Statistic::median))
    medians =
        region_medians_on(q, there, planes, CellRowWriter::compartment_sets(), static_cast<int>(kCompartments.size()));

  CellRowWriter writer(m.table, m.fixed, m.options);
  for (const RegionRow& one : some) writer.write_shapes(one.row, regions.of(one.region));
  const RegionTable table = fetch_table(q, there, sums);
  std::vector<double> values(medians.size());
  bring(q, medians.data(), values.data(), values.size());
  lane.finish();
  for (std::size_t i = 0; i < some.size(); ++i) writer.write_sums(some[i].row, table.counts_of(i), table.sums_of(i));
  if (values.empty()) return;
  const std::span<const double> all = values;
  for (std::size_t c = 0; c < planes.size(); ++c)
    for (std::size_t i = 0; i < some.size(); ++i)
      writer.write_medians(some[i].row, c,
                           all.subspan((c * some.size() + i) * kCompartments.size()).first<kCompartments.size()>());
}

}  // namespace

void measure_regions(Lane& lane, const RegionRuns& regions, std::span<const RegionRow> some,
                     const ChannelPlanes& channels, const Measuring& m) {
  if (some.empty()) return;
  const Rect window = bounds_of(regions, some);
  if (some.size() == 1 || staged_bytes(window, channels.planes.size()) <= kMostStaged) {
    try {
      return measure_together(lane, regions, some, window, channels, m);
    } catch (const DeviceOutOfMemory&) {
      if (some.size() == 1) throw;
    }
    lane.drain();
  }
  const std::size_t half = some.size() / 2;
  measure_regions(lane, regions, some.first(half), channels, m);
  measure_regions(lane, regions, some.subspan(half), channels, m);
}

#endif

}  // namespace hexaplex
