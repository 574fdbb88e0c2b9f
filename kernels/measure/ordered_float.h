#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/runtime/host_device.h"

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

}  // namespace hexaplex::detail
