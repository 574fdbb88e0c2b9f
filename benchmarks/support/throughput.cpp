#include "benchmarks/support/throughput.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::benchmarks {

double memcpy_bytes_per_s() {
  static const double measured = [] {
    const HostPlane<unsigned char> src({4096, 16384}, 1);
    HostPlane<unsigned char> dst({4096, 16384}, 2);
    double best_s = 1e9;
    for (int round = 0; round < 12; ++round) {  // the first ones warm up
      const auto start = std::chrono::steady_clock::now();
      for_each_band(CpuQueue{}, src.height(), 512, [&](std::int64_t begin, std::int64_t end) {
        std::memcpy(dst.data() + begin * src.width(), src.data() + begin * src.width(), (end - begin) * src.width());
      });
      benchmark::ClobberMemory();
      best_s = std::min(best_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return 2.0 * static_cast<double>(src.bytes()) / best_s;
  }();
  return measured;
}

void report_throughput(benchmark::State& state, Extent extent, double bytes_per_pixel) {
  const double pixels = static_cast<double>(extent.area()) * static_cast<double>(state.iterations());
  const auto rate = [](double value) { return benchmark::Counter(value, benchmark::Counter::kIsRate); };
  state.counters["Mpx/s"] = rate(pixels / 1e6);
  state.counters["bytes/s"] = rate(pixels * bytes_per_pixel);
  state.counters["of_memcpy"] = rate(pixels * bytes_per_pixel / memcpy_bytes_per_s());
}

}  // namespace hexaplex::benchmarks
