#include "kernels/runtime/launch.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "kernels/runtime/error.h"
#include "kernels/runtime/scratch.h"

#if HEXAPLEX_WITH_TBB
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/version.h>
#else
#include <exception>
#include <mutex>
#include <system_error>
#include <vector>
#endif

namespace hexaplex {

namespace {
std::atomic<int> wanted_threads{0};
int all_cores() {
  return std::max(1u, std::thread::hardware_concurrency());
}
}  // namespace

int cpu_threads() {
  const int wanted = wanted_threads;
  return wanted > 0 ? wanted : all_cores();
}

namespace {
// Runs a band. Where planes lie on scratch, piece by piece, so that no band brings in more than may be resident.
void run_band(detail::BandFunction f, void* context, std::int64_t begin, std::int64_t end, std::int64_t grain) {
  if (!detail::scratch_in_use()) return f(context, begin, end);
  for (; begin < end; begin += grain) {
    detail::relieve_memory();
    f(context, begin, std::min(end, begin + grain));
  }
}
}  // namespace

#if HEXAPLEX_WITH_TBB

std::string cpu_launcher() {
  return std::string("TBB ") + TBB_runtime_version();
}

void set_cpu_threads(int threads) {
  HX_EXPECT(threads >= 0 && threads <= 4096, "threads must lie in 0..4096");
  static std::unique_ptr<tbb::global_control> limit;
  wanted_threads = threads;
  limit.reset();
  limit = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, cpu_threads());
}

namespace detail {
void run_bands(const CpuQueue& q, std::int64_t count, std::int64_t grain, BandFunction f, void* context) {
  if (count <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  if (q.threads == 1 || cpu_threads() == 1 || count <= grain) return run_band(f, context, 0, count, grain);
  const std::int64_t bands =
      (count + grain - 1) / grain;  // TBB splits a range down to half its grain, so count in grains
  tbb::parallel_for(tbb::blocked_range<std::int64_t>(0, bands), [&](const tbb::blocked_range<std::int64_t>& r) {
    run_band(f, context, r.begin() * grain, std::min(count, r.end() * grain), grain);
  });
}
}  // namespace detail

#else  // plain threads: where TBB is missing, and under the thread sanitizer

std::string cpu_launcher() {
  return "std::thread";
}

void set_cpu_threads(int threads) {
  HX_EXPECT(threads >= 0 && threads <= 4096, "threads must lie in 0..4096");
  wanted_threads = threads;
}

namespace {
thread_local bool inside_a_band = false;
}

namespace detail {
void run_bands(const CpuQueue& q, std::int64_t count, std::int64_t grain, BandFunction f, void* context) {
  if (count <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  if (inside_a_band)
    return run_band(f, context, 0, count, grain);  // a team within each member of a team would be too many threads
  const std::int64_t bands = (count + grain - 1) / grain;
  const int threads = static_cast<int>(std::min<std::int64_t>(q.threads > 0 ? q.threads : cpu_threads(), bands));
  if (threads <= 1) return run_band(f, context, 0, count, grain);
  std::atomic<std::int64_t> next{0};
  std::exception_ptr first;
  std::mutex guard;
  auto work = [&] {
    inside_a_band = true;
    try {
      for (std::int64_t b; (b = next++) < bands;)
        run_band(f, context, b * grain, std::min(count, (b + 1) * grain), grain);
    } catch (...) {
      std::lock_guard<std::mutex> lock(guard);
      if (!first) first = std::current_exception();
      next = bands;
    }
    inside_a_band = false;
  };
  std::vector<std::thread> team;
  try {
    for (int i = 1; i < threads; ++i) team.emplace_back(work);
  } catch (const std::system_error&) {  // no more threads to be had: those that started do the work
  }
  work();
  for (auto& t : team) t.join();
  if (first) std::rethrow_exception(first);
}
}  // namespace detail

#endif

}  // namespace hexaplex
