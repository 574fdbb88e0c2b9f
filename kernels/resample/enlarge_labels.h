#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Labels of an image seen at pixels of factor x factor, at full size with smooth outlines: each pixel takes the label
/// that weighs most under a quadratic B-spline over the 3 x 3 coarse pixels around it (edges repeat), ties to the lower
/// label: stairs of the coarse pixels become slopes.
///
/// @param src     labels of shrunk_extent(dst.extent, factor); 0 is a label like others
/// @param factor  1 .. 256; 1 copies
/// Halo:   one coarse pixel. Result: integers; bit-identical across thread counts
/// Throws: InvalidArgument
void enlarge_labels(CpuQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor);

}  // namespace hexaplex
