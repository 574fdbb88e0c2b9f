#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// What operators are timed on: a crowded field of nuclei, made here.
struct BenchInput {
  Extent extent{2048, 2048};
  double nucleus_px = 14;
};

/// An operator with its input on a queue, ready to be run again and again.
struct PreparedOperator {
  std::function<void()> reset;            ///< puts back what a run changes, outside the clock; may be empty
  std::function<void()> run;              ///< on CUDA it may return before the work is done
  std::function<std::uint64_t()> digest;  ///< of the bytes that the last run left
};

/// An operator that is timed.
struct BenchOperator {
  std::string name;
  double bytes_per_pixel;  ///< the least that must move: each input read once, each output written once
  std::function<PreparedOperator(const Queue&, const BenchInput&)> prepare;
};

/// All of them, in the order of the pipeline.
const std::vector<BenchOperator>& bench_operators();

}  // namespace hexaplex
