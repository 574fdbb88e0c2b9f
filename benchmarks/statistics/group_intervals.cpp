// The table of docs/decisions/0801-group-intervals.md: how often tests reject and intervals hold the truth, in cohorts
// simulated from scores of animals, by the code that `hexaplex compare` runs.
//   group_intervals [COHORTS]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/core/simulated_cohorts.h"

namespace {

using namespace hexaplex::test;

void print_row(const std::string& name, std::size_t n, const CohortOutcomes& o) {
  std::printf("| %s | %zu | %.1f | %.1f | %.1f |\n", name.c_str(), n, 100 * o.permutation_rejects, 100 * o.ranks_reject,
              100 * o.covered);
  std::fflush(stdout);
}

void print_head(const char* what, const char* tests) {
  std::printf("\n| %s | n | %s | interval holds the truth %% |\n|---|---|---|---|---|\n", what, tests);
}

}  // namespace

int main(int count, char** words) {
  const int cohorts = count > 1 ? std::atoi(words[1]) : 2000;
  constexpr int kResamples = 10000, kOfBlocks = 1000;
  print_head("groups", "permutation rejects % | Mann-Whitney rejects %");
  for (const CohortModel& model : usual_models())
    for (const std::size_t n : {3, 4, 5, 6, 8, 10})
      print_row(model.name, n, simulate_groups(model, n, cohorts, kResamples));
  print_head("pairs", "sign flips reject % | signed ranks reject %");
  for (const CohortModel& model : usual_models())
    if (model.ratio == 1)
      for (const std::size_t n : {3, 4, 5, 6, 8, 10})
        print_row(model.name, n, simulate_pairs(model, n, cohorts, kResamples));
  print_head("groups, 30 blocks, normal", "permutation rejects % | Mann-Whitney rejects %");
  for (const double share : {0.1, 0.3, 0.5})  // of an animal's score's variance that comes from its blocks
    for (const bool draw : {false, true}) {
      CohortModel model{"", false, 2, 2, 1, -3, 30, 0, draw};
      model.block_sd = model.sd * std::sqrt(share / (1 - share) * static_cast<double>(model.blocks));
      model.name = std::to_string(static_cast<int>(100 * share + 0.5)) + " % of variance within, " +
                   (draw ? "blocks drawn" : "animals only");
      for (const std::size_t n : {3, 6, 10}) print_row(model.name, n, simulate_groups(model, n, cohorts, kOfBlocks));
    }
  return 0;
}
