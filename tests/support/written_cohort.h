#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace hexaplex::test {

/// A slide of a written cohort: what its rows and its summary say.
struct WrittenSlide {
  std::string stem;
  std::string row;  ///< of the table behind `slide`: "A1,vehicle,Liver"
  double fraction = 0;
  double tissue_mm2 = 4;
  std::vector<double> block_fractions{};  ///< of equal blocks; empty: no blocks.csv
  bool with_result = true;
};

/// Writes cohort.csv with these slides, and results as `hexaplex run` leaves them: FOLDER/results/STEM/summary.json
/// with `infiltration.tumour_cell_area_fraction`, a phenotype "Tumour cell" of the same share of 1,000 cells a mm², and
/// `scores.CD34.h_score`; and blocks.csv.
/// @param columns  of the table behind `slide`: "animal,group,organ"
/// Returns: the table's path.
std::filesystem::path write_cohort(const TemporaryFolder& folder, const std::string& columns,
                                   const std::vector<WrittenSlide>& slides);

/// 3 vehicle against 3 treated animals, 4 organs, 24 slides. The fraction falls by 9/10 in the liver and by half in the
/// spleen, does not change in the lung, and trebles in the brain.
std::vector<WrittenSlide> planted_cohort();

}  // namespace hexaplex::test
