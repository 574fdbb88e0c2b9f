#pragma once

#include "core/quality/grid.h"
#include "core/quality/quality_mask.h"

namespace hexaplex::detail {

/// What the detectors read: light without the camera's offset, and where there is anything to judge.
struct SquareLight {
  int groups = 0;
  std::vector<HostPlane<float>> light;  ///< of each group, and of the nuclear band last; not below 0
  HostPlane<float> total;               ///< of all groups
  SquareMask scanned, saturated;
};

SquareLight read_light(Plane<const SquareSums> sums, Extent slide, const QualityParams& params);

/// Squares that take no light away: all bands together less than `glass_counts`.
SquareMask find_empty(const SquareLight& squares, double glass_counts, double um_per_px);

/// Squares that are surely glass.
SquareMask find_glass(const SquareLight& squares, Plane<const SquareSums> sums, double um_per_px);

/// Squares of `where` whose nuclei are far softer than those of the rest of the slide.
///
/// @param nuclear  light of the nuclear band
SquareMask find_out_of_focus(Plane<const SquareSums> sums, const HostPlane<float>& nuclear, const SquareMask& where,
                             double um_per_px);

/// How many times as bright as the slide's middle a square is in the group in which it is least so; empty where fewer
/// than three groups can tell.
HostPlane<float> least_rise(const SquareLight& squares, const SquareMask& where);

/// Tissue that lies double, and specks that shine in every band.
SquareMask find_folds(const HostPlane<float>& rise, const SquareMask& where, double um_per_px);
SquareMask find_debris(const HostPlane<float>& rise, const SquareMask& where);

}  // namespace hexaplex::detail
