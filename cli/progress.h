#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cli/log.h"

namespace hexaplex::cli {

/// How far a job is, on stderr: a bar redrawn in place on a terminal, a line every few seconds elsewhere, nothing with
/// --quiet. One object serves one thread
/// at a time.
class Progress {
 public:
  /// @param job  what is being worked on: the name of a slide
  Progress(const Log& log, std::string job);
  /// Leaves the terminal clean, also when an exception passes.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Call it between two pieces of work, often: it costs little, and throws Interrupted if the program was asked to
  /// end.
  ///
  /// @param step      what is being done now: "unmix", "segment"
  /// @param fraction  of the job, in [0, 1]
  void update(std::string_view step, double fraction);

  /// The same without throwing, for work that ends in its own way.
  void show(std::string_view step, double fraction);

 private:
  using Clock = std::chrono::steady_clock;

  const Log& log_;
  std::string job_;
  Clock::time_point next_;
  bool drawn_ = false;
};

}  // namespace hexaplex::cli
