#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/compute/compute_place.h"
#include "core/image/channel_source.h"
#include "core/image/labels.h"
#include "core/image/thumbnails.h"
#include "core/image/tiles.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

struct MeasureOptions {
  bool medians = true;      ///< the dearest statistic
  bool shapes = true;       ///< perimeter, axes, hull, calipers; area, centroid, extent and box come always
  bool means_only = false;  ///< mean and sum only: no median, min, max, std
};

/// One channel to measure, under the name its columns get.
struct MeasuredChannel {
  std::string marker;
  Plane<const float> pixels;
};

/// Measures every cell of a field: intensities of each channel in each compartment, and shapes.
///
/// Compartments: nucleus; cytoplasm = cell without nucleus; membrane = pixels of the cell whose centre lies within
/// max(membrane_um, one pixel) of the centre of the nearest pixel that is not of this cell (other cells and background
/// count, the outside of the image does not), overlapping both; cell.
/// Statistics: mean, exact median (mean of the two middle values for even counts), min, max, std (population, over n),
/// sum. Sums are fixed point (kernels/measure/region_stats.h), so the result does not hang on threads or tiles, and is
/// exact for integer data.
///
/// @param channels     planes of the labels' extent, finite values
/// @param labels       any numbers, gaps allowed. A cell is the union of the pixels with its label in either plane, so
///                     given nuclei may lie over other cells (such pixels count for both). The nucleus plane may be
///                     0 x 0: no cell has a nucleus then
/// @param um_per_px    > 0
/// @param membrane_um  >= 0, at most 64 pixels
/// Returns: one row per label, ascending.
/// Throws: InvalidArgument for extents that differ, a value that is not finite (names channel and place); OutOfMemory.
CellTable measure_cells(const CpuQueue& q, std::span<const MeasuredChannel> channels, const LabelPair& labels,
                        double um_per_px, double membrane_um, const MeasureOptions& options = {});

/// The same for channels of any source, in memory that does not grow with the slide where they are not held: tile by
/// tile, each cell by the tile that its box begins in.
///
/// @param channels    indexes into the source
/// @param labels      of the source's area
/// @param tile_px     changes no byte
/// @param thumbnails  of the same channels: filled on the way; or null
CellTable measure_cells(const CpuQueue& q, const ChannelSource& source, std::span<const int> channels,
                        const LabelView& labels, double um_per_px, double membrane_um, TileShape tile_px,
                        const MeasureOptions& options = {}, Thumbnails* thumbnails = nullptr);

/// The same table, with sums and medians of each tile from the device of `place` as long as it has one; shapes, and
/// cells of more than 512 pixels a side, are the CPU's.
/// Throws: under `cuda` DeviceOutOfMemory, DeviceError
CellTable measure_cells(const CpuQueue& q, ComputePlace& place, const ChannelSource& source,
                        std::span<const int> channels, const LabelView& labels, double um_per_px, double membrane_um,
                        TileShape tile_px, const MeasureOptions& options = {}, Thumbnails* thumbnails = nullptr);

/// Measures a slide window by window: the same bytes as measure_cells, for any windows in any order.
class CellMeasurer {
 public:
  /// @param largest_magnitude  one per marker: the largest |value| of the channel on the whole slide (a bound from the
  ///                           sample type will do, but every run must use the same one). measure_cells takes it from
  ///                           the pixels.
  CellMeasurer(Extent slide, std::vector<std::string> markers, const std::vector<float>& largest_magnitude,
               double um_per_px, double membrane_um, const MeasureOptions& options = {});
  ~CellMeasurer();
  CellMeasurer(CellMeasurer&&) noexcept;

  /// Pixels of labels needed around a window's core, where the slide has them.
  int halo_px() const;

  /// Adds the pixels of `core`; every pixel of the slide belongs to one core.
  ///
  /// @param window    what the planes show, in slide pixels; holds `core` and its halo as far as the slide goes
  /// @param channels  planes of window's extent, in the order of the markers
  /// Memory: with medians every measured pixel is kept until finish (4 bytes a channel).
  void accumulate(const CpuQueue& q, Rect window, Rect core, std::span<const Plane<const float>> channels,
                  Plane<const std::uint32_t> nucleus, Plane<const std::uint32_t> cell);

  CellTable finish(const CpuQueue& q);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hexaplex
