#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "cli/progress.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::cli {

/// Share of a slide's work that is done, in [0, 1], by the stage it is in and the loop over tasks that runs there.
/// Stages have the shares that they took of a slide of 100 million pixels in memory: good enough to look at, not to
/// promise a time.
double slide_fraction(const std::string& stage, const TaskProgress& tasks);

/// "measure, 57 of 100 parts, 2 min 05 s": the tasks only where `tasks` has some worth telling.
std::string stage_text(const std::string& stage, const TaskProgress& tasks, std::chrono::seconds since_begin);

/// Progress of one slide. On a terminal a thread of its own goes on telling how far the stage is, so that hours of one
/// stage do not look like a program that hangs; elsewhere each stage is told once, as Progress does.
class SlideProgress {
 public:
  SlideProgress(const Log& log, const std::string& slide);
  ~SlideProgress();
  SlideProgress(const SlideProgress&) = delete;
  SlideProgress& operator=(const SlideProgress&) = delete;

  /// A stage begins. Throws Interrupted if the program was asked to end.
  void begin(const std::string& stage);

 private:
  using Clock = std::chrono::steady_clock;
  void watch();

  Progress progress_;  // guarded, like all below
  std::mutex guard_;
  std::condition_variable wake_;
  std::string stage_;
  double most_ = 0;  // shown so far: small loops follow large ones, hashing may end after the quality mask
  Clock::time_point start_ = Clock::now();
  bool ended_ = false;
  std::thread watcher_;
};

}  // namespace hexaplex::cli
