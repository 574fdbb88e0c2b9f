#pragma once

#include <benchmark/benchmark.h>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex::benchmarks {

/// What this machine copies per second now, reads and writes counted, by as many threads as the CPU queues may use.
/// Measured once per process, so that every figure stands beside a memcpy of the same run: timings of two machines,
/// or of two days, cannot be compared, shares of memcpy can.
double memcpy_bytes_per_s();

/// Reports Mpx/s, bytes/s and the share of memcpy. `bytes_per_pixel` is the least that must move: each input read
/// once, each output written once.
void report_throughput(benchmark::State& state, Extent extent, double bytes_per_pixel);

}  // namespace hexaplex::benchmarks
