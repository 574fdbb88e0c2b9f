#pragma once

#include "kernels/intensity/histogram.h"

namespace hexaplex {

/// The level that stands for a well stained pixel of a channel: its 99.5 % quantile, from bins of under 1 %.
float reference_level(const Histogram16& keys);

/// Counts per unit of a channel with that level, in the nuclear image and in the image of membranes.
float nuclear_scale(float reference_level);
float wall_scale(float reference_level);

}  // namespace hexaplex
