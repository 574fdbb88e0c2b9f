#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "core/batch/exit_state.h"

namespace hexaplex {

/// A program that works on one slide, in a process of its own: whatever happens to it (a crash, the kernel's out-of-
/// memory killer, a poisoned GPU) happens to that slide alone. It is in a process group of its own, so that Ctrl-C on
/// a terminal reaches it through us only, and it dies with us. Its stdout is dropped, its stderr read line by line.
class Worker {
 public:
  /// @param command  program and arguments; the program is a path
  /// Throws: Error where no process can be started (says why).
  explicit Worker(const std::vector<std::string>& command);
  /// Kills what still runs, and waits for it.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Readable while the worker has something to say: for poll().
  int stderr_fd() const { return stderr_; }

  /// Takes in what it said, without waiting. @return the new whole lines
  std::vector<std::string> read_lines();

  /// True once it has ended and everything it said is taken in; never waits.
  bool ended();
  ExitState exit_state() const { return state_; }  ///< once it has ended
  double seconds() const;                          ///< since it began, or that it took

  void ask_to_stop();  ///< SIGTERM
  void kill();

 private:
  int pid_ = -1, stderr_ = -1;
  bool reaped_ = false;
  ExitState state_;
  std::string unfinished_;
  std::chrono::steady_clock::time_point start_, end_;
};

}  // namespace hexaplex
