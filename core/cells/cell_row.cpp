#include "core/cells/cell_row.h"

#include <array>
#include <limits>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {
// The parts (kInnerPart, kBorderPart) each compartment is made of, in the order of `Compartment`.
constexpr bool kHasPart[4][kPartCount] = {
    {false, true, false, true},  // nucleus
    {true, false, true, false},  // cytoplasm
    {false, false, true, true},  // membrane
    {true, true, true, true},    // cell
};
}  // namespace

int membrane_reach2_px(double um_per_px, double membrane_um) {
  HX_EXPECT(um_per_px > 0 && um_per_px <= std::numeric_limits<double>::max(), "um_per_px must be positive");
  HX_EXPECT(membrane_um >= 0 && membrane_um <= BorderBand::kMaxReach * um_per_px,
            "membrane_um must lie between 0 and 64 pixels");
  const double reach = membrane_um / um_per_px;
  return reach <= 1 ? 1 : static_cast<int>(reach * reach);
}

CellTable empty_table(const CpuQueue& q, std::vector<std::string> markers, std::size_t cells,
                      const MeasureOptions& options) {
  CellTable table;
  table.markers = std::move(markers);
  table.shapes = options.shapes;
  for (const Statistic s : kStatistics)
    table.measured[static_cast<std::size_t>(s)] = s == Statistic::mean || s == Statistic::sum ||
                                                  (!options.means_only && (s != Statistic::median || options.medians));
  table.resize(0);
  table.cell_id.resize(cells);
  table.nucleus.resize(cells);
  table.cell.resize(cells);
  table.cytoplasm_area_px.resize(cells);
  table.membrane_area_px.resize(cells);
  for_each_task(q, static_cast<std::int64_t>(table.markers.size()), [&](std::int64_t m) {
    for (const Compartment c : kCompartments)
      for (const Statistic s : kStatistics)
        table.values(static_cast<std::size_t>(m), c, s).assign(cells, std::numeric_limits<double>::quiet_NaN());
  });
  return table;
}

void CellRowWriter::write_shapes(std::size_t row, std::span<const PixelRun> runs) {
  inner_.clear();
  for (const PixelRun& r : runs)
    if (r.part & kInnerPart) inner_.push_back(r);
  table_.cell[row] = shape_.measure(runs, options_.shapes);
  table_.nucleus[row] = shape_.measure(inner_, options_.shapes);
}

void CellRowWriter::write_sums(std::size_t row, std::span<const std::int64_t> counts,
                               std::span<const ChannelSums> sums) {
  const std::size_t channels = fixed_.size();
  table_.cytoplasm_area_px[row] = static_cast<double>(counts[0] + counts[kBorderPart]);
  table_.membrane_area_px[row] = static_cast<double>(counts[kBorderPart] + counts[kBorderPart | kInnerPart]);
  for (std::size_t channel = 0; channel < channels; ++channel)
    for (const Compartment compartment : kCompartments) {
      ChannelSums total;
      std::int64_t count = 0;
      for (std::size_t part = 0; part < kPartCount; ++part)
        if (kHasPart[static_cast<int>(compartment)][part] && counts[part] > 0) {
          total.add(sums[part * channels + channel]);
          count += counts[part];
        }
      if (count == 0) continue;  // NaN
      const FixedPoint& fixed = fixed_[channel];
      table_.values(channel, compartment, Statistic::mean)[row] = mean_of(total, count, fixed);
      table_.values(channel, compartment, Statistic::sum)[row] = sum_of(total, fixed);
      if (options_.means_only) continue;
      table_.values(channel, compartment, Statistic::min)[row] = total.min;
      table_.values(channel, compartment, Statistic::max)[row] = total.max;
      table_.values(channel, compartment, Statistic::std)[row] = std_of(total, count, fixed);
    }
}

PixelSets CellRowWriter::compartment_sets() {
  PixelSets sets{};
  for (const Compartment c : kCompartments)
    for (std::size_t part = 0; part < kPartCount; ++part)
      if (kHasPart[static_cast<int>(c)][part]) sets[part] |= static_cast<std::uint8_t>(1u << static_cast<int>(c));
  return sets;
}

void CellRowWriter::start_medians(std::span<const PixelRun> runs) {
  medians_.set_region(runs, compartment_sets());
}

void CellRowWriter::write_medians(std::size_t row, std::size_t channel, std::span<const float> pixels) {
  std::array<double, kCompartments.size()> values;
  medians_.find(pixels, values);
  write_medians(row, channel, values);
}

void CellRowWriter::write_medians(std::size_t row, std::size_t channel,
                                  std::span<const double, kCompartments.size()> medians) {
  for (const Compartment c : kCompartments)
    table_.values(channel, c, Statistic::median)[row] = medians[static_cast<std::size_t>(c)];
}

}  // namespace hexaplex
