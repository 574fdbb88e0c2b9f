#pragma once

#include "core/bench/operators.h"

namespace hexaplex {

/// A whole field as one thing to time: raw bands to abundances (non-negative), nuclei and cells, without leaving the
/// queue's memory.
BenchOperator field_bench_operator();

}  // namespace hexaplex
