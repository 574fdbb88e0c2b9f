#pragma once

#include "kernels/intensity/histogram.h"

namespace hexaplex {

/// The level that stands for a well stained pixel of a channel: its 99.5 % quantile, from bins of under 1 %.
float reference_level(const Histogram16& keys);

/// What all tissue has of a stain that nuclei have more of: a quarter of the stained pixels have less. From amounts in
/// optical density; pixels below 0.02 are glass. At least 0.
float background_level(const Histogram16& keys);

/// Counts per unit of a channel with that level, in the nuclear image and in the image of membranes.
float nuclear_scale(float reference_level);
float wall_scale(float reference_level);

}  // namespace hexaplex
