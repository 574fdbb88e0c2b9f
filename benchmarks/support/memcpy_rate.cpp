#include "benchmarks/support/memcpy_rate.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::benchmarks {

namespace {

double measure(const CpuQueue& q) {
  const HostPlane<unsigned char> src({4096, 16384}, 1);
  HostPlane<unsigned char> dst({4096, 16384}, 2);
  double best_s = 1e9;
  for (int round = 0; round < 24; ++round) {  // the first ones warm up
    const auto start = std::chrono::steady_clock::now();
    for_each_band(q, src.height(), 512, [&](std::int64_t begin, std::int64_t end) {
      std::memcpy(dst.data() + begin * src.width(), src.data() + begin * src.width(),
                  static_cast<std::size_t>((end - begin) * src.width()));
    });
    asm volatile("" ::"r"(dst.data()) : "memory");  // the copy is needed, as far as the compiler knows
    best_s = std::min(best_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return 2.0 * static_cast<double>(src.bytes()) / best_s;
}

}  // namespace

double memcpy_bytes_per_s() {
  static const double measured = measure(CpuQueue{});
  return measured;
}

double one_thread_memcpy_bytes_per_s() {
  CpuQueue q;
  q.threads = 1;
  static const double measured = measure(q);
  return measured;
}

}  // namespace hexaplex::benchmarks
