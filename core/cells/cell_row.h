#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/cells/measure.h"
#include "core/cells/shape.h"
#include "kernels/measure/border_band.h"
#include "kernels/measure/region_stats.h"

namespace hexaplex {

/// Squared width of the membrane compartment, in pixels: at least one pixel. Throws InvalidArgument outside 0..64 px.
int membrane_reach2_px(double um_per_px, double membrane_um);

/// A table with its columns made, for `cells` rows; values are NaN.
CellTable empty_table(const CpuQueue& q, std::vector<std::string> markers, std::size_t cells,
                      const MeasureOptions& options);

/// Fills rows of a table. One writer per thread.
class CellRowWriter {
 public:
  CellRowWriter(CellTable& table, std::span<const FixedPoint> fixed, const MeasureOptions& options)
      : table_(table), fixed_(fixed), options_(options) {}

  /// Shape of cell and nucleus from the cell's runs.
  void write_shapes(std::size_t row, std::span<const PixelRun> runs);

  /// Areas and every statistic but the median. @param counts [part], @param sums [part][channel]
  void write_sums(std::size_t row, std::span<const std::int64_t> counts, std::span<const ChannelSums> sums);

  /// Medians of one channel. @param value  value(i) of the i-th pixel of the runs, in their order
  template <class Value>
  void write_medians(std::size_t row, std::size_t channel, std::span<const PixelRun> runs, Value value) {
    for (auto& v : by_compartment_) v.clear();
    std::size_t i = 0;
    for (const PixelRun& run : runs) {
      const auto n = static_cast<std::size_t>(run.end - run.begin);
      add_to_compartments(run.part, n, [&](std::size_t k) { return value(i + k); });
      i += n;
    }
    write_medians(row, channel);
  }

 private:
  template <class Value>
  void add_to_compartments(unsigned part, std::size_t n, Value value) {
    std::vector<float>& object = by_compartment_[part & kInnerPart ? 0 : 1];
    for (std::size_t k = 0; k < n; ++k) object.push_back(value(k));
    const std::span<const float> added(object.data() + object.size() - n, n);
    if (part & kBorderPart) by_compartment_[2].insert(by_compartment_[2].end(), added.begin(), added.end());
    by_compartment_[3].insert(by_compartment_[3].end(), added.begin(), added.end());
  }
  void write_medians(std::size_t row, std::size_t channel);

  CellTable& table_;
  std::span<const FixedPoint> fixed_;
  MeasureOptions options_;
  ShapeMeter shape_;
  std::vector<PixelRun> inner_;
  std::vector<float> by_compartment_[4];
};

}  // namespace hexaplex
