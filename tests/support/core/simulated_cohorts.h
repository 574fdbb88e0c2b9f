#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hexaplex::test {

/// How scores of animals are spread in two simulated groups. A score is 10 + sd x normal, or, log-normal, 10 x e^(sd x
/// normal); those of the second group are then multiplied and shifted.
struct CohortModel {
  std::string name;
  bool log_normal = false;
  double sd = 2, second_sd = 2;
  double ratio = 1, shift = 0;  ///< of the second group
  /// Blocks of tissue for each animal, 0 for none. Each block's ratio is the animal's plus block_sd x normal.
  std::size_t blocks = 0;
  double block_sd = 0;
  bool draw_blocks = true;  ///< whether the interval draws them too

  double true_difference() const { return 10 * ratio + shift - 10; }  ///< of the groups' medians
};

/// What became of many cohorts, as shares of them.
struct CohortOutcomes {
  double permutation_rejects = 0, ranks_reject = 0;  ///< p <= 0.05
  double covered = 0;                                ///< the 95 % interval holds the true difference
  double smallest_p = 1;                             ///< seen of the permutation test
};

/// Simulates cohorts of `animals` a group and puts each through the tests and the interval of core/statistics. The same
/// on every machine.
CohortOutcomes simulate_groups(const CohortModel& model, std::size_t animals, int cohorts, int resamples);

/// The same of pairs: the first score from the model without ratio and shift, the second, drawn apart, with them. The
/// truth is the median of the differences: the shift, for models without a ratio.
CohortOutcomes simulate_pairs(const CohortModel& model, std::size_t animals, int cohorts, int resamples);

/// Normal and log-normal scores, with equal and unequal spread, shifted and multiplied.
std::vector<CohortModel> usual_models();

}  // namespace hexaplex::test
