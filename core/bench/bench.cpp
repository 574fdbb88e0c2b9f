#include "core/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>

#include "core/bench/device_facts.h"
#include "kernels/runtime/launch.h"
#include "kernels/runtime/queue_plane.h"

namespace hexaplex {

namespace {

constexpr int kFewestRuns = 3, kMostRuns = 200;
constexpr int kInARow = 8;  // runs on a device between two waits, so that starting and waiting do not count as work
constexpr Extent kBlock{16384, 16384};  // 256 MiB: larger than caches

double seconds_of(const Queue& q, const std::function<void()>& work) {
  synchronise(q);
  const auto start = std::chrono::steady_clock::now();
  work();
  synchronise(q);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The first run warms caches and pools and does not count.
BenchSpeed speed_of(const Queue& q, const std::function<void()>& reset, const std::function<void()>& work,
                    double at_least_s, int passes = 1) {
  std::vector<double> seconds;
  double sum = 0;
  for (int i = 0; i <= kMostRuns && (i <= kFewestRuns || sum < at_least_s); ++i) {
    if (reset) reset();
    const double s = seconds_of(q, work);
    if (i == 0) continue;
    seconds.push_back(s / passes);
    sum += s;
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds[seconds.size() / 2], seconds.front(), static_cast<int>(seconds.size())};
}

double cpu_copy_rate() {
  const HostPlane<unsigned char> src(kBlock, 1);
  HostPlane<unsigned char> dst(kBlock, 2);
  const auto copy_all = [&] {
    for_each_band(CpuQueue{}, kBlock.height, 128, [&](std::int64_t begin, std::int64_t end) {
      std::memcpy(dst.data() + begin * kBlock.width, src.data() + begin * kBlock.width,
                  static_cast<std::size_t>((end - begin) * kBlock.width));
    });
    asm volatile("" ::"r"(dst.data()) : "memory");  // the copy is needed, as far as the compiler knows
  };
  return 2.0 * static_cast<double>(src.bytes()) / speed_of(CpuQueue{}, {}, copy_all, 0.5).best_seconds;
}

#if HX_WITH_CUDA
void measure_device_copies(const CudaQueue& q, BenchRates& rates) {
  const PinnedMemory pinned(q.device, static_cast<std::size_t>(kBlock.area()));
  const Plane<unsigned char> host{reinterpret_cast<unsigned char*>(pinned.data()), kBlock, kBlock.width};
  std::memset(host.data, 1, pinned.size());
  const DevicePlane<unsigned char> a(q, kBlock), b(q, kBlock);
  const auto bytes = static_cast<double>(pinned.size());
  const auto rate = [&](const std::function<void()>& work) { return bytes / speed_of(q, {}, work, 0.2).best_seconds; };
  rates.upload = rate([&] { copy_and_wait<unsigned char>(q, host, a.view()); });
  rates.device_copy = 2 * kInARow * rate([&] {
                        for (int i = 0; i < kInARow; ++i) copy<unsigned char>(q, a.view(), b.view());
                      });
  rates.download = rate([&] { copy_and_wait<unsigned char>(q, b.view(), host); });
}
#endif

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown";
}

struct Measured {
  BenchSpeed speed;
  std::uint64_t digest = 0;
  bool steady = true;  ///< every run that was looked at left the same
};

Measured measure(const Queue& q, const BenchOperator& op, const BenchOptions& options, int repeats) {
  const PreparedOperator prepared = op.prepare(q, options.input);
  const bool in_a_row = q.index() != 0 && !prepared.reset && prepared.passes == 1;
  const auto work = [&] {
    for (int i = 0; i < (in_a_row ? kInARow : 1); ++i) prepared.run();
  };
  const BenchSpeed speed =
      speed_of(q, prepared.reset, work, options.seconds_each, in_a_row ? kInARow : prepared.passes);
  Measured out{speed, prepared.digest(), true};
  for (int i = 1; i < repeats; ++i) {
    if (prepared.reset) prepared.reset();
    prepared.run();
    synchronise(q);
    out.steady = out.steady && prepared.digest() == out.digest;
  }
  return out;
}

}  // namespace

bool BenchReport::same_bytes() const {
  return std::all_of(rows.begin(), rows.end(), [](const BenchRow& r) { return r.same_bytes; });
}

BenchReport run_bench(const BenchOptions& options) {
  const auto say = [&](const std::string& step) {
    if (options.progress) options.progress(step);
  };
  BenchReport report;
  report.cpu = cpu_name();
  report.threads = cpu_threads();
  report.input = options.input;
  say("copying");
  report.rates.cpu_copy = cpu_copy_rate();
#if HX_WITH_CUDA
  std::optional<Stream> stream;
  if (options.device) {
    stream.emplace(*options.device, FreedMemory::is_kept);
    report.device = list_devices().at(static_cast<std::size_t>(*options.device));
    measure_device_copies(stream->queue(), report.rates);
    report.pcie = pcie_link(report.device->pci_bus_id);
  }
#endif
  for (const BenchOperator& op : options.operators) {
    say(op.name);
    BenchRow row{op.name, op.bytes_per_pixel, {}, {}, true};
    const Measured cpu = measure(CpuQueue{}, op, options, 1);
    row.cpu = cpu.speed;
#if HX_WITH_CUDA
    if (stream) {
      const Measured device = measure(stream->queue(), op, options, options.repeats);
      row.device = device.speed;
      row.same_bytes = device.digest == cpu.digest && device.steady;
    }
#endif
    report.rows.push_back(std::move(row));
  }
#if HX_WITH_CUDA
  if (stream) report.most_device_bytes = device_memory(*options.device).most_used_bytes;
#endif
  return report;
}

}  // namespace hexaplex
