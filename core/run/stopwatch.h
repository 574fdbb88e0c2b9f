#pragma once

#include <chrono>

namespace hexaplex {

/// Time since it was made: on the wall, and of all the process's threads on a processor. Where the second stays far
/// below the first times the number of threads, a disk was waited for.
class Stopwatch {
 public:
  Stopwatch();
  double seconds() const;
  double cpu_seconds() const;

 private:
  std::chrono::steady_clock::time_point start_;
  double cpu_start_;
};

}  // namespace hexaplex
