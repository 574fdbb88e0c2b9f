// The tables of docs/decisions/0802-loss-intervals.md: how often intervals of an antigen loss hold the truth, in pairs
// of samples simulated from blocks of tissue, by the code that `hexaplex loss` runs.
//   loss_intervals [PAIRS]
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "tests/support/core/simulated_pairs.h"

namespace {

using namespace hexaplex::test;

void print_head(const char* what) {
  std::printf(
      "\n| %s | blocks | planted loss | positive | H-score | median after | loss | low | length of the loss's | none "
      "|\n"
      "|---|---|---|---|---|---|---|---|---|---|\n",
      what);
}

// Every row has pairs of its own.
void measure_row(const char* name, const PairModel& m, int pairs) {
  static std::uint64_t row = 0;
  const PairOutcomes o = simulate_loss(m, pairs, ++row);
  std::printf("| %s | %zu, %zu | %.0f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |\n", name, m.blocks_before,
              m.blocks_after, 100 * m.loss, 100 * o.positive, 100 * o.h_score, 100 * o.median_after, 100 * o.loss,
              100 * o.low, o.loss_length, 100 * o.without);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  const int pairs = count > 1 ? std::atoi(words[1]) : 500;
  print_head("blocks differ by");
  for (const double sd : {0.3, 0.1})
    for (const std::size_t blocks : {8, 10, 15, 20, 30, 60})
      for (const double loss : {0.0, 0.3, 0.6, 0.9}) {
        PairModel model;
        model.loss = loss;
        model.blocks_before = model.blocks_after = blocks;
        model.blocks_sd = sd;
        measure_row(sd == 0.3 ? "0.3" : "0.1", model, pairs);
      }
  print_head("otherwise");
  for (const double loss : {0.0, 0.6, 0.9}) {
    PairModel usual;
    usual.loss = loss;
    PairModel model = usual;
    model.blocks_before = 8, model.blocks_after = 40;
    measure_row("fewer before", model, pairs);
    model = usual;
    model.blocks_before = 40, model.blocks_after = 8;
    measure_row("fewer after", model, pairs);
    model = usual;
    model.crowding = 1;
    measure_row("cells of a block uneven (1.0)", model, pairs);
    model = usual;
    model.control = 0.05;
    measure_row("control at 0.05", model, pairs);
    model = usual;
    model.cells = 8;
    measure_row("8 cells a block", model, pairs);
    model = usual;
    model.blocks_before = model.blocks_after = 40, model.alike = 4;
    measure_row("patches of 4 like blocks", model, pairs);
    model.alike = 2;
    measure_row("patches of 2 like blocks", model, pairs);
  }
  return 0;
}
