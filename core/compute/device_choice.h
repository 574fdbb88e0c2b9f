#pragma once

#include <cstdint>

namespace hexaplex {

/// Where the heavy stages of a slide may run, and how much of a device they may take.
struct DeviceChoice {
  enum class Mode {
    cpu,
    automatic,  ///< a device where one is usable; what it cannot do the CPU does, and the run says so
    cuda,       ///< a device, or an error
  };
  Mode mode = Mode::cpu;
  int index = -1;                ///< of the device, for `cuda`; -1: the first usable one
  std::int64_t limit_bytes = 0;  ///< most device memory to take; 0: what is free, less a reserve
  int limit_percent = 100;       ///< the same as a share of the device's memory; the smaller one counts
};

}  // namespace hexaplex
