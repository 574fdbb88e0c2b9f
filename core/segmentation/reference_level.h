#pragma once

#include "kernels/intensity/histogram.h"

namespace hexaplex {

/// The level that stands for a well stained pixel of a channel: its 99.5 % quantile, from bins of under 1 %.
float reference_level(const Histogram16& keys);

/// Optical density from which a pixel is stained; below is glass.
inline constexpr float kStainedLevel = 0.02f;

/// What all tissue has of a stain that nuclei have more of: a quarter of the stained pixels have less. From amounts in
/// optical density. At least 0.
float background_level(const Histogram16& keys);

/// Counts per unit of a channel with that level, in the nuclear image and in the image of membranes.
float nuclear_scale(float reference_level);
float wall_scale(float reference_level);

}  // namespace hexaplex
