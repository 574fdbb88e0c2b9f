#pragma once

#include <benchmark/benchmark.h>

#include "kernels/runtime/plane.h"

namespace hexaplex::benchmarks {

/// Reports Mpx/s, bytes/s and the share of memcpy (support/memcpy_rate.h). `bytes_per_pixel` is the least that must
/// move: each input read once, each output written once.
void report_throughput(benchmark::State& state, Extent extent, double bytes_per_pixel);

}  // namespace hexaplex::benchmarks
