#pragma once

#include <array>
#include <vector>

#include "core/stains/densities.h"

namespace hexaplex {

/// Two stains of a slide, from its colours; `known` are the vectors they are told apart by, the counterstain first.
struct TwoStains {
  std::array<StainVector, 2> vectors{};
  double spread_cosine = 0;       ///< of the angle between the two ends of the colours
  bool second_is_absent = false;  ///< the ends are one stain: the second vector is the known one
  double off_plane = 0;           ///< how far colours lie from a plane, relative to their density
};

/// Robust extremes in the plane of most densities: the counterstain's end leaves out 1 % of the stain (there is dirt at
/// that end), the other 0.2 % (it may be rare), and noise proves nothing.
///
/// Source: M. Macenko et al., ISBI 2009, 1107; departures: ends in units of weight and noise, different at both ends,
///         no arctangent
TwoStains estimate_two_stains(const std::vector<Density>& colours, const std::array<StainVector, 2>& known);

/// Three stains likewise.
struct ThreeStains {
  std::array<StainVector, 3> vectors{};
  double least_known_cosine = 1;  ///< of the angle between a vector and the known one, the largest of the three
  double tissue_cosine = 1;       ///< of the angle by which the face of tissue without nuclei was turned at last
};

/// The narrowest cone of three vectors, each within 35 degrees of the known one, that holds the colours but for noise;
/// then the face of the two other stains is laid through the tissue, which has a tint of the counterstain throughout.
ThreeStains estimate_three_stains(const std::vector<Density>& colours, const std::array<StainVector, 3>& known);

}  // namespace hexaplex
