#pragma once

#include <cstddef>
#include <vector>

#include "core/segmentation/cells.h"
#include "core/segmentation/nuclei.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// Giants of one piece of a slide.
struct Giants {
  HostPlane<std::uint32_t> nuclei;   ///< labels of the giants alone
  HostPlane<std::uint8_t> positive;  ///< 1 where the marker is positive
  double smallest_px = 0;            ///< least area of a giant
  bool any = false;                  ///< else the planes may be missing
};

/// Finds giant nuclei: the nucleus recipe at the giants' own diameter, at the coarsest pixels that leave it 14 pixels,
/// with the marker as one more membrane; a region counts when the marker encloses it. An absent marker has no positive
/// pixels and so no giants.
class GiantSearch {
 public:
  /// Settles what the pieces of a slide settle together: the marker's level, and the floor of the nuclear image.
  /// @param source  with a giants' marker; it must outlive this
  GiantSearch(CpuQueue& q, const NucleiSource& source, const GiantRecipe& g, const CellParams& p);

  /// Giants of one piece; call it once for each.
  Giants take(CpuQueue& q, std::size_t piece);

 private:
  const NucleiSource& source_;
  GiantRecipe giant_;
  CellParams params_;
  std::vector<HostPlane<std::uint8_t>> positive_;  ///< of each piece; 0 x 0 where there is no positive pixel
  std::vector<HostPlane<std::uint32_t>> coarse_;   ///< labels at coarser pixels, of each piece with positive ones
  int factor_ = 1;
};

/// Joins ordinary and giant nuclei: ordinary ones that lie at least half inside a giant are its pieces and go, the
/// others keep their pixels. Of a giant that one of them cuts in two the larger part stays. Giants get the labels
/// behind the ordinary ones.
/// @param giants  labels of the giants; afterwards those of their pixels that were joined
/// @param smallest_px  smaller remainders of giants are dropped
/// @return the first giant's label
std::uint32_t join_giants(CpuQueue& q, Plane<std::uint32_t> nuclei, Plane<std::uint32_t> giants, double smallest_px);

}  // namespace hexaplex
