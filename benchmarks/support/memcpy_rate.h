#pragma once

namespace hexaplex::benchmarks {

/// What this machine copies per second now, reads and writes counted, by as many threads as the CPU queues may use.
/// Measured once per process, so that every figure stands beside a memcpy of the same run: timings of two machines,
/// or of two days, cannot be compared, shares of memcpy can.
double memcpy_bytes_per_s();

/// The same by one thread: what most others mean by the speed of memcpy.
double one_thread_memcpy_bytes_per_s();

}  // namespace hexaplex::benchmarks
