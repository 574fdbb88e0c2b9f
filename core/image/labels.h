#pragma once

#include <cstdint>

#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// Objects of a field: pixel value = label, 0 = background. A nucleus and its cell share the label, and the nucleus
/// lies inside the cell. Labels made by the engine are 1..count without gaps, ordered by the first raster pixel of the
/// nucleus (of the cell where there is none); labels given by the user may have gaps.
struct LabelPair {
  HostPlane<std::uint32_t> nucleus;
  HostPlane<std::uint32_t> cell;
};

}  // namespace hexaplex
