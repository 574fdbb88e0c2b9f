#pragma once

#include "core/bench/operators.h"

namespace hexaplex {

/// One field from raw bands to cells; and the field in tiles of 2048 x 2048 pixels, on a device several at a time, each
/// on a stream of its own: from raw bands to what is measured of the cells, all of it in the memory of the queue; from
/// the host's memory and back to it; and, to compare that with, the copies of the raw bands alone.
std::vector<BenchOperator> field_bench_operators();

}  // namespace hexaplex
