#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/cells/label_boxes.h"
#include "core/cells/measure.h"
#include "kernels/runtime/host_memory.h"

namespace hexaplex {

/// Whether a cell is larger than a tile's window should become for it (512 px a side).
bool is_large(const LabelBox& box);

/// Such cells, put together from their parts in several tiles.
class LargeCells {
 public:
  /// @param boxes  of all cells, in the order of the table's rows, labels ascending; the others are as in CellMeasurer
  LargeCells(const HostVector<LabelBox>& boxes, Extent slide, std::vector<std::string> markers,
             const std::vector<float>& magnitudes, double um_per_px, double membrane_um, const MeasureOptions& options);

  bool any_in(Rect core) const;

  /// What a tile must see of channels and labels for them.
  Rect window(Rect core) const;

  /// Adds their pixels in a tile's core; from any thread.
  /// @param seen  the channels of `seen_window`, which holds window(core)
  void add(const CpuQueue& q, Rect core, const LabelView& labels, const ChannelWindow& seen, Rect seen_window);

  /// Writes their rows, once every tile was added.
  void finish(const CpuQueue& q, CellTable& table);

 private:
  HostPlane<std::uint32_t> only_large(const PieceView<std::uint32_t>& labels, Rect window) const;

  CellMeasurer measurer_;
  Extent slide_;
  std::mutex guard_;
  std::vector<std::uint32_t> labels_;  // ascending
  std::vector<std::size_t> rows_;
  std::vector<Rect> boxes_;
};

}  // namespace hexaplex
