#pragma once

#include "core/bench/operators.h"

namespace hexaplex {

/// Operators on tables of regions: each backend has its own form, and both leave the same tables.
std::vector<BenchOperator> region_bench_operators();

}  // namespace hexaplex
