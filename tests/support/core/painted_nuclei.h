#pragma once

#include <vector>

#include "tests/support/labels.h"

namespace hexaplex::testing {

struct PaintedDisc {
  double x = 0, y = 0, radius = 7, level = 1000;
};

/// A field of bright discs with soft edges on a dim, noisy background, and which pixel belongs to which disc.
struct PaintedNuclei {
  HostPlane<float> image;
  Labels truth;  ///< in raster order
  std::uint32_t count = 0;
};

/// Paints discs in the given order; where two overlap the first keeps its pixels.
PaintedNuclei paint(Extent extent, const std::vector<PaintedDisc>& discs, unsigned seed = 1);

/// Discs on a jittered grid: `pitch` apart, radii, levels and places varied by `spread` (0 .. 1). Below a pitch of
/// twice the radius neighbours touch.
PaintedNuclei paint_field(Extent extent, double pitch, double radius, double spread, unsigned seed);

}  // namespace hexaplex::testing
