#pragma once

#include "core/bench/operators.h"

namespace hexaplex {

/// One field from raw bands to cells; and the field in tiles of 2048 x 2048 pixels from raw bands to what is measured
/// of the cells, on a device several at a time, each on a stream of its own.
std::vector<BenchOperator> field_bench_operators();

}  // namespace hexaplex
