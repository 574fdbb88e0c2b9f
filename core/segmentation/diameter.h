#pragma once

#include "core/segmentation/cells.h"

namespace hexaplex {

/// How the automatic diameter is searched.
struct DiameterSearch {
  double smallest_um = 5.0;
  double ratio = 1.0488088481701516;  ///< from one rung to the next: the root of 1.1
  int rungs = 17;                     ///< 5 .. 10.7 µm
  int apart = 2;                      ///< rungs between two runs that are compared: 10 %
  double expected_um = 7.5;           ///< docs/decisions/0603 tells why not 7
  double leash = 0.3;                 ///< penalty per squared logarithm of the distance from the expected diameter ...
  double few_nuclei = 1500;           ///< ... times 1 + few_nuclei / nuclei found: few nuclei say little
  int sample_px = 400;                ///< side of a sample
  int samples = 5;                    ///< at most
};

/// Proposes the median nucleus diameter: nuclei are found at every rung of a ladder of diameters on a few samples of
/// the field, and the answer lies in the middle of the two rungs, 10 % apart, whose nuclei agree best (F1 at IoU 0.7,
/// counts summed over samples), less a penalty for strange diameters that is weak where many nuclei were found.
///
/// Samples are squares of a fixed grid, spread over the brighter half of the field; they do not depend on tiles or
/// threads. Membranes and giants' markers of the input guide the cuts as in `segment_cells`; giants themselves are left
/// out.
/// @return  micrometres; expected_um where no nucleus is found, or where the pixels are too coarse or too fine for the
/// ladder
/// Throws:  InvalidArgument; OutOfMemory
/// Source: docs/segmentation.md
double stable_diameter_um(CpuQueue& q, const NucleiSource& source, const CellParams& p,
                          const DiameterSearch& search = {});
double stable_diameter_um(CpuQueue& q, const SegmentationInput& input, const CellParams& p,
                          const DiameterSearch& search = {});

}  // namespace hexaplex
