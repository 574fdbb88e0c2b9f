#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/runtime/host_device.h"

namespace hexaplex {

// Several neighbouring values as one struct T, where they lie at a multiple of T's alignment: alignas(16) makes the
// widest reads and writes of a device.

template <class T>
HX_HD inline bool is_aligned_for(const void* at) {
  return (reinterpret_cast<std::uintptr_t>(at) & (alignof(T) - 1)) == 0;
}

#ifdef __CUDA_ARCH__
namespace detail {
// What one instruction moves. A plain copy of T becomes one for each value.
template <int kBytes>
struct WideWord;
template <>
struct WideWord<16> {
  using Type = uint4;
};
template <>
struct WideWord<8> {
  using Type = uint2;
};
template <>
struct WideWord<4> {
  using Type = unsigned;
};
}  // namespace detail
#endif

template <class T>
HX_HD inline T read_wide(const void* at) {
#ifdef __CUDA_ARCH__
  using Word = typename detail::WideWord<alignof(T)>::Type;
  union {
    Word words[sizeof(T) / sizeof(Word)];
    T values;
  } out;
#pragma unroll
  for (unsigned i = 0; i < sizeof(T) / sizeof(Word); ++i) out.words[i] = static_cast<const Word*>(at)[i];
  return out.values;
#else
  T out;
  std::memcpy(&out, at, sizeof(T));
  return out;
#endif
}

template <class T>
HX_HD inline void write_wide(void* at, const T& values) {
#ifdef __CUDA_ARCH__
  using Word = typename detail::WideWord<alignof(T)>::Type;
  union {
    Word words[sizeof(T) / sizeof(Word)];
    T values;
  } out;
  out.values = values;
#pragma unroll
  for (unsigned i = 0; i < sizeof(T) / sizeof(Word); ++i) static_cast<Word*>(at)[i] = out.words[i];
#else
  std::memcpy(at, &values, sizeof(T));
#endif
}

}  // namespace hexaplex
