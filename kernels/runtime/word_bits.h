#pragma once

#include <cstdint>

#include "kernels/runtime/host_device.h"

namespace hexaplex {

// Bits of 32-bit words, from the lowest, on the host and on the device.

/// Place of the lowest bit that is set; some bit must be.
HX_HD inline int lowest_bit(std::uint32_t word) {
#ifdef __CUDA_ARCH__
  return __ffs(static_cast<int>(word)) - 1;
#else
  return __builtin_ctz(word);
#endif
}

/// Place of the highest bit that is set; some bit must be.
HX_HD inline int highest_bit(std::uint32_t word) {
#ifdef __CUDA_ARCH__
  return 31 - __clz(static_cast<int>(word));
#else
  return 31 - __builtin_clz(word);
#endif
}

/// How many bits are set.
HX_HD inline int count_bits(std::uint32_t word) {
#ifdef __CUDA_ARCH__
  return __popc(word);
#else
  return __builtin_popcount(word);
#endif
}

/// Bits 0 .. place.
HX_HD inline std::uint32_t bits_up_to(int place) {
  return 0xffffffffu >> (31 - place);
}

}  // namespace hexaplex
