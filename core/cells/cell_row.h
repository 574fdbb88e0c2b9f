#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/cells/measure.h"
#include "core/cells/shape.h"
#include "kernels/measure/border_band.h"
#include "kernels/measure/region_medians.h"
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

  /// Which parts make up each compartment, in their order: the sets of pixels whose medians are wanted.
  static PixelSets compartment_sets();

  /// Says whose pixels the next write_medians gives.
  void start_medians(std::span<const PixelRun> runs);

  /// Medians of one channel. @param pixels  of the runs given last, in their order
  void write_medians(std::size_t row, std::size_t channel, std::span<const float> pixels);

  /// The same where they are known. @param medians  of compartment_sets
  void write_medians(std::size_t row, std::size_t channel, std::span<const double, kCompartments.size()> medians);

 private:
  CellTable& table_;
  std::span<const FixedPoint> fixed_;
  MeasureOptions options_;
  ShapeMeter shape_;
  std::vector<PixelRun> inner_;
  MedianFinder medians_;
};

}  // namespace hexaplex
