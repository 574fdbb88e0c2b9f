#pragma once

#include <cstdint>

#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Where a label is: its bounding box, in pixels of the image.
struct LabelBox {
  std::uint32_t label = 0;
  int left = 0, top = 0, right = 0, bottom = 0;  ///< right and bottom are one past the last pixel

  Rect rect() const { return {left, top, right - left, bottom - top}; }
  bool operator==(const LabelBox&) const = default;
};

/// The boxes of all labels, ascending; a label's pixels are those of both planes.
///
/// @param nucleus  of the cells' extent, or 0 x 0
/// Result: does not depend on threads
/// Throws: InvalidArgument for planes of different extent; OutOfMemory
HostVector<LabelBox> label_boxes(const CpuQueue& q, Plane<const std::uint32_t> cell,
                                 Plane<const std::uint32_t> nucleus);

}  // namespace hexaplex
