#pragma once

#include <string>
#include <vector>

namespace hexaplex {

/// What counts as infiltration. docs/brightfield.md says why.
struct InfiltrationParams {
  double square_um = 2;          ///< areas and distances are measured on squares of about this side
  double tissue_density = 0.02;  ///< mean optical density over the three colours from which a square is tissue
  double hole_um2 = 300;         ///< smaller gaps belong to the tissue, and smaller specks do not
  double link_um = 20;           ///< tumour cells of a focus have others within this distance
  int min_cells = 5;             ///< so many within it, the cell itself counted, make a focus
  double close_um = 8;           ///< gaps between the cells of a focus up to twice this wide belong to its region
  std::vector<double> grades{0.002, 0.05, 0.25};  ///< tumour area fractions from which the grade is 1, 2, 3
};

/// A panel's rule: which phenotypes are tumour cells, and what counts.
struct InfiltrationRule {
  std::vector<std::string> tumour;
  InfiltrationParams params;
};

}  // namespace hexaplex
