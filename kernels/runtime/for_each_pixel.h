#pragma once

#include <cstdint>

#include "kernels/runtime/launch.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Calls `f(x, y)` once for every pixel, in no order. `f` writes its own pixel only, or shared memory through
/// atomics.h.
template <class F>
void for_each_pixel(const CpuQueue& q, Extent extent, F f) {
  for_each_band(q, extent.height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < extent.width; ++x) f(x, y);
  });
}

/// Calls `f(i)` once for every i in [0, count), in no order. `f` writes its own items only, or shared memory through
/// atomics.h.
template <class F>
void for_each_index(const CpuQueue& q, std::int64_t count, F f) {
  for_each_band(q, count, 1024, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) f(i);
  });
}

// With the name that launches on a device have, so that chains (work_buffer.h) are written once for both.

template <class F>
void for_each_pixel(const CpuQueue& q, Extent extent, const F& f, const char* /*what*/) {
  for_each_pixel(q, extent, f);
}

template <class F>
void for_each_index(const CpuQueue& q, std::int64_t count, const F& f, const char* /*what*/) {
  for_each_index(q, count, f);
}

}  // namespace hexaplex
