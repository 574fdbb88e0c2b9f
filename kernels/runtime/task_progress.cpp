#include <atomic>

#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {
std::atomic<std::uint64_t> loops{0}, shown{0};  // begun so far; the one that is told of
std::atomic<std::int64_t> tasks_done{0}, tasks{0};
thread_local bool within_a_task = false;
}  // namespace

TaskProgress task_progress() {
  return {shown, tasks_done, tasks};
}

namespace detail {

TaskLoop::TaskLoop(std::int64_t count) {
  if (within_a_task || count <= 0) return;
  number_ = ++loops;
  shown = 0;
  tasks_done = 0;
  tasks = count;
  shown = number_;
}

TaskLoop::~TaskLoop() {
  std::uint64_t mine = number_;
  if (mine != 0) shown.compare_exchange_strong(mine, 0);
}

TaskLoop::Task::Task(const TaskLoop& loop) : loop_(loop), within_(within_a_task) {
  within_a_task = true;
}

TaskLoop::Task::~Task() {
  within_a_task = within_;
  if (loop_.number_ != 0 && shown == loop_.number_) ++tasks_done;
}

}  // namespace detail

}  // namespace hexaplex
