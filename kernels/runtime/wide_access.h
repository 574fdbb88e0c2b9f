#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/runtime/host_device.h"

namespace hexaplex {

// Several neighbouring values in one access: a device moves up to 16 bytes a thread and instruction.

/// `n` words of 32 bits: 1, 2 or 4. The first value in memory has the low bits.
template <int n>
struct alignas(4 * n) Words {
  std::uint32_t at[n];
};

/// Whether a place is a multiple of `bytes`, a power of two.
HX_HD inline bool is_aligned(const void* place, unsigned bytes) {
  return (reinterpret_cast<std::uintptr_t>(place) & (bytes - 1)) == 0;
}

/// Whether every row of a plane begins at a multiple of `bytes`, given that the first column does.
template <class P>
HX_HD inline bool rows_aligned(const P& plane, unsigned bytes) {
  return is_aligned(plane.data, bytes) && (static_cast<std::uintptr_t>(plane.pitch) * sizeof *plane.data) % bytes == 0;
}

/// `from` must be a multiple of 4 n bytes.
template <int n, class T>
HX_HD inline Words<n> load_words(const T* from) {
#ifdef __CUDA_ARCH__
  return *reinterpret_cast<const Words<n>*>(from);
#else
  Words<n> words;
  std::memcpy(&words, from, sizeof words);
  return words;
#endif
}

/// `to` must be a multiple of 4 n bytes.
template <int n, class T>
HX_HD inline void store_words(T* to, const Words<n>& words) {
#ifdef __CUDA_ARCH__
  *reinterpret_cast<Words<n>*>(to) = words;
#else
  std::memcpy(to, &words, sizeof words);
#endif
}

HX_HD inline std::uint32_t low_half(std::uint32_t word) {
  return word & 0xffffu;
}
HX_HD inline std::uint32_t high_half(std::uint32_t word) {
  return word >> 16;
}
/// Both below 65536.
HX_HD inline std::uint32_t two_halves(std::uint32_t low, std::uint32_t high) {
  return low | high << 16;
}

/// Eight pixels of 16 bits, four words of two, to where at most `count` of them belong.
template <class T>
HX_HD inline void store_eight(T* to, const Words<4>& pixels, int count) {
  static_assert(sizeof(T) == 2);
  if (count >= 8 && is_aligned(to, 16)) {
    store_words<4>(to, pixels);
    return;
  }
  if (count > 0) to[0] = static_cast<T>(low_half(pixels.at[0]));
  if (count > 1) to[1] = static_cast<T>(high_half(pixels.at[0]));
  if (count > 2) to[2] = static_cast<T>(low_half(pixels.at[1]));
  if (count > 3) to[3] = static_cast<T>(high_half(pixels.at[1]));
  if (count > 4) to[4] = static_cast<T>(low_half(pixels.at[2]));
  if (count > 5) to[5] = static_cast<T>(high_half(pixels.at[2]));
  if (count > 6) to[6] = static_cast<T>(low_half(pixels.at[3]));
  if (count > 7) to[7] = static_cast<T>(high_half(pixels.at[3]));
}

}  // namespace hexaplex
