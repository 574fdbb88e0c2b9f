#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "core/batch/run_batch.h"

namespace hexaplex {

namespace {

// The first number of a file, or -1.
std::int64_t number_in(const char* file) {
  std::ifstream in(file);
  std::int64_t value = -1;
  return in >> value ? value : -1;
}

std::int64_t free_in_control_group() {
  const std::int64_t most = number_in("/sys/fs/cgroup/memory.max"), used = number_in("/sys/fs/cgroup/memory.current");
  return most < 0 || used < 0 ? std::numeric_limits<std::int64_t>::max() : std::max<std::int64_t>(most - used, 0);
}

}  // namespace

std::int64_t available_memory_bytes() {
  std::ifstream in("/proc/meminfo");
  for (std::string name, unit; in >> name;) {
    std::int64_t kib = 0;
    in >> kib;
    std::getline(in, unit);
    if (name == "MemAvailable:") return std::min(kib * 1024, free_in_control_group());
  }
  return 0;
}

}  // namespace hexaplex
