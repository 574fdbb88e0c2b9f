#pragma once

#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// A field of touching soft discs on a dim background, the same on every machine: about one nucleus in each square of
/// `nucleus_px`, levels from half to one and a half.
HostPlane<float> crowded_field(Extent extent, double nucleus_px);

}  // namespace hexaplex
