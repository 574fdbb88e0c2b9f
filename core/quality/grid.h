#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// A mask on the squares of a slide: 0 or 1.
using SquareMask = HostPlane<std::uint8_t>;

/// Mean of the squares within one step (3 x 3, fewer at the edge) for which `counted` is 1; 0 where there is none.
/// Added in raster order.
HostPlane<float> mean_of_neighbours(const HostPlane<float>& values, const SquareMask& counted);

/// Union, and intersection, over all squares whose centres lie within `radius` squares. Outside the slide nothing is
/// set when dilating, and everything when eroding, so that closing does not open what touches the edge.
SquareMask dilated(const SquareMask& mask, double radius);
SquareMask eroded(const SquareMask& mask, double radius);

/// Sets to 0 the connected parts (`eight`: corners connect) of which `keep(squares)` is false.
void drop_parts(SquareMask& mask, bool eight, const std::function<bool(std::int64_t squares)>& keep);

/// Squares that are set.
std::int64_t count_set(const SquareMask& mask);

/// The value below which `part` of the values lie; the list must not be empty. Sorts a part of it.
double quantile_of(std::vector<float>& values, double part);

}  // namespace hexaplex
