#pragma once

#include "core/segmentation/cells.h"
#include "kernels/runtime/queue_plane.h"

namespace hexaplex {

/// Labels of a field, 1 .. count, in the memory of a queue.
struct FieldLabels {
  QueuePlane<std::uint32_t> nucleus, cell;
  std::uint32_t count = 0;
};

/// Nuclei and whole cells of a field that lies whole in the memory of a queue: segment_cells by operators over the
/// field, so that on CUDA no pixel leaves the device. Giants are not searched: a panel with a rule for them is refused.
///
/// @param channels  planes in the queue's memory, finite values
/// @param p         tile_px and keep_images mean nothing here
/// Result:  the labels of segment_cells, bit for bit, on every backend; waits for the queue
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
FieldLabels segment_field(const Queue& q, const SegmentationInput& channels, const CellParams& p);

}  // namespace hexaplex
