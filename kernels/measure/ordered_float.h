#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/runtime/atomics.h"

namespace hexaplex::detail {

/// Bits of a float that are in the order of the floats, so that integer atomics find extremes. -0 counts as 0.
HX_HD inline std::uint32_t ordered_key(float v) {
  v = v + 0.0f;
  std::uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

HX_HD inline float value_of_key(std::uint32_t key) {
  const std::uint32_t bits = (key & 0x80000000u) != 0 ? key & 0x7fffffffu : ~key;
  float v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

/// *at = max(*at, key), without waiting for what is there.
HX_HD inline void raise(std::uint32_t* at, std::uint32_t key) {
#ifdef __CUDA_ARCH__
  atomicMax(at, key);
#else
  atomic_max(at, key);
#endif
}

}  // namespace hexaplex::detail
