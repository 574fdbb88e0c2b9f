#pragma once

#include <array>

#include "kernels/segment/merge.h"

namespace hexaplex {

/// Constants of the nucleus recipe. Lengths are multiples of the median nucleus diameter, areas of a median nucleus'
/// area. docs/segmentation.md tells what each does and what it is worth.
struct Recipe {
  double soft = 0.05;                     ///< offset of the logarithm, fraction of the reference level
  double smooth = 0.1;                    ///< sigma of the smoothed image
  double window = 2.1;                    ///< side of the local range window
  double local = 0.45;                    ///< threshold between local minimum (0) and local maximum (1)
  double floor = 0.9;                     ///< global floor between the 1 % quantile (0) and Otsu's threshold (1)
  double open = 0.06;                     ///< radius of the opening, at least one pixel
  double hole = 0.3;                      ///< smaller holes are filled
  double debris = 0.1;                    ///< smaller objects are dropped
  std::array<double, 2> blobs{0.4, 0.6};  ///< blob diameters of the landscape
  double wall_smooth = 0.06;              ///< sigma of the membranes
  double wall = 0.5;                      ///< weight of the membranes in the landscape
  double settle = 0.08;                   ///< last smoothing of the landscape
  double trim = 0.5;     ///< a nucleus ends here between the local minimum (0) and its own mean level (1)
  double rim = 0.15;     ///< default expansion to the cell
  int rounds = 8;        ///< merging rounds
  double largest = 6.0;  ///< no merge beyond this many nuclei
  MergeWeights weights;
};

}  // namespace hexaplex
