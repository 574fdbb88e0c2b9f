#include "core/cells/measure.h"

#include <string>

#include "core/cells/cell_row.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

float magnitude_of(const CpuQueue& q, const MeasuredChannel& channel) {
  try {
    return largest_magnitude(q, channel.pixels);
  } catch (const InvalidArgument& e) {
    throw InvalidArgument("channel " + channel.marker + ": " + e.what());
  }
}

}  // namespace

CellTable measure_cells(const CpuQueue& q, std::span<const MeasuredChannel> channels, const LabelPair& labels,
                        double um_per_px, double membrane_um, const MeasureOptions& options) {
  const int reach2 = membrane_reach2_px(um_per_px, membrane_um);
  std::vector<std::string> markers;
  std::vector<Plane<const float>> planes;
  std::vector<FixedPoint> fixed;
  for (const MeasuredChannel& c : channels) {
    HX_EXPECT(c.pixels.extent == labels.cell.extent(), "a channel and the labels differ in extent");
    markers.push_back(c.marker);
    planes.push_back(c.pixels);
    fixed.push_back(fixed_point_for(magnitude_of(q, c)));
  }
  const RegionRuns regions = label_runs(q, labels.cell.view(), labels.nucleus.view());
  CellTable table = empty_table(q, std::move(markers), regions.size(), options);
  table.cell_id = regions.labels;
  const ChannelPlanes view{planes, fixed};
  for_each_band(q, static_cast<std::int64_t>(regions.size()), 64, [&](std::int64_t begin, std::int64_t end) {
    BorderBand band(labels.cell.extent(), reach2);
    CellRowWriter writer(table, fixed, options);
    std::vector<PixelRun> runs;
    std::vector<ChannelSums> sums;
    std::vector<float> pixels;
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      band.mark(regions.of(i), runs);
      std::int64_t counts[kPartCount] = {};
      sums.assign(kPartCount * planes.size(), {});
      add_region_sums(runs, view, counts, sums);
      writer.write_sums(i, counts, sums);
      writer.write_shapes(i, runs);
      if (!table.has(Statistic::median)) continue;
      writer.start_medians(runs);
      for (std::size_t channel = 0; channel < planes.size(); ++channel) {
        pixels.clear();
        for (const PixelRun& r : runs) {
          const float* row = planes[channel].row(r.y);
          pixels.insert(pixels.end(), row + r.begin, row + r.end);
        }
        writer.write_medians(i, channel, pixels);
      }
    }
  });
  return table;
}

CellTable measure_cells(const CpuQueue& q, const Field& field, const LabelPair& labels, double membrane_um,
                        const MeasureOptions& options) {
  std::vector<MeasuredChannel> channels;
  for (const FieldChannel& c : field.channels) channels.push_back({c.name, c.pixels.view()});
  return measure_cells(q, channels, labels, field.um_per_px, membrane_um, options);
}

}  // namespace hexaplex
