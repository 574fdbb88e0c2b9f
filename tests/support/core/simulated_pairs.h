#pragma once

#include <cstddef>
#include <cstdint>

namespace hexaplex::test {

/// Two samples of one patient: blocks of tissue with cells, whose values are log-normal around their block's and add to
/// what is measured without antigen. Bins are 0.2, 0.4, 0.6. Both samples have blocks of their own.
struct PairModel {
  double loss = 0;  ///< share of every cell's antigen: below 1; negative: a gain
  std::size_t blocks_before = 20, blocks_after = 20;
  double cells = 60;                        ///< of a block, on average
  double crowding = 0.4;                    ///< spread of the logarithm of the cells of a block
  double median = 0.4;                      ///< of the antigen before
  double blocks_sd = 0.3, cells_sd = 0.45;  ///< of the logarithm of a cell's antigen, between and within blocks
  double control = 0;                       ///< without antigen
  std::size_t alike = 1;                    ///< blocks in a row that are alike: 4 where a patch of like tissue has four
};

/// Of the pairs with a 95 % interval the share that holds the truth, how long that of the loss is (median, in points),
/// and the share of pairs that have none for the loss.
struct PairOutcomes {
  double positive = 0, h_score = 0, median_after = 0, loss = 0, low = 0;
  double loss_length = 0, without = 0;
};

/// Simulates pairs and puts each through measure_loss. The same on every machine, but for the truth's last digits.
PairOutcomes simulate_loss(const PairModel& model, int pairs, std::uint64_t seed = 1);

}  // namespace hexaplex::test
