#pragma once

#include <vector>

#include "core/stains/colour_table.h"
#include "core/stains/vectors.h"

namespace hexaplex {

/// A colour as optical density.
struct Density {
  StainVector od{};
  double noise = 0;  ///< standard deviation of a pixel's density, from 1.5 steps of the picture
  double pixels = 0;
  double weight = 0;  ///< pixels times density, of all that are stained 1 in sum; 0: not stained
};

/// The colours that are neither black nor burnt out; those of density 0.1 or less have no weight.
std::vector<Density> densities_of(const std::vector<Colour>& colours, const StainVector& white);

/// Directions in which stained colours spread from no density at all, the first one towards more.
Axes axes_of(const std::vector<Density>& colours);

}  // namespace hexaplex
