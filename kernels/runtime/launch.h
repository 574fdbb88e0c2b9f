#pragma once

#include <cstdint>
#include <string>

#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Bounds the threads of all CPU queues of this process; 0 means all cores. Call it once, before any work.
void set_cpu_threads(int threads);

/// The number of threads CPU queues may use now.
int cpu_threads();

/// What runs the threads: "TBB 2021.8", or "std::thread".
std::string cpu_launcher();

namespace detail {
using BandFunction = void (*)(void* context, std::int64_t begin, std::int64_t end);
void run_bands(const CpuQueue& q, std::int64_t count, std::int64_t grain, BandFunction f, void* context);
}  // namespace detail

/// Calls `f(begin, end)` on bands that cover [0, count) once each, in no order, on the queue's threads.
/// Bands hold at least `grain` items, the last one excepted. Blocks until all are done; the first exception is
/// rethrown. How the range is cut depends on the machine, so `f` must give the same result for any cut.
///
/// On TBB's own threads, which live as long as the process; without TBB on threads that live for one call, and a call
/// within a band then runs on the thread it is made on. While a band waits for a call within it, TBB may run another
/// band of the outer call on the same thread: hold no lock, and no thread-local scratch, across such a call.
template <class F>
void for_each_band(const CpuQueue& q, std::int64_t count, std::int64_t grain, F&& f) {
  detail::run_bands(
      q, count, grain, [](void* c, std::int64_t b, std::int64_t e) { (*static_cast<F*>(c))(b, e); },
      const_cast<void*>(static_cast<const void*>(&f)));
}

/// How far a loop over tasks has come.
struct TaskProgress {
  std::uint64_t loop = 0;            ///< numbers the loops of this process from 1; 0: none runs
  std::int64_t done = 0, count = 0;  ///< tasks
};

/// Progress of the loop over tasks that began last, loops within tasks left out. For people to look at, from any thread
/// at any time: the numbers may be of neighbouring moments.
TaskProgress task_progress();

namespace detail {
/// Counts for task_progress. Every call of for_each_task has one.
class TaskLoop {
 public:
  explicit TaskLoop(std::int64_t count);
  ~TaskLoop();
  TaskLoop(const TaskLoop&) = delete;
  TaskLoop& operator=(const TaskLoop&) = delete;

  /// One task, while it runs: loops that its thread begins are part of it.
  class Task {
   public:
    explicit Task(const TaskLoop& loop);
    ~Task();
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

   private:
    const TaskLoop& loop_;
    bool within_;
  };

 private:
  std::uint64_t number_ = 0;  // 0: within a task
};
}  // namespace detail

/// Calls `f(i)` for each i in [0, count), each a task of its own.
template <class F>
void for_each_task(const CpuQueue& q, std::int64_t count, F&& f) {
  const detail::TaskLoop loop(count);
  for_each_band(q, count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const detail::TaskLoop::Task task(loop);
      f(i);
    }
  });
}

}  // namespace hexaplex
