#pragma once

#include <type_traits>

#include "kernels/runtime/host_device.h"
#if HEXAPLEX_SHAKE
#include <cstdint>
#include <thread>
#endif

namespace hexaplex {

namespace detail {
/// In a build that shakes schedules (HEXAPLEX_SHAKE), lets other threads of the host go first now and then, at any
/// access that threads share: a GPU has thousands of them, and what comes late there should come late here too.
HX_HD inline void shake() {
#if HEXAPLEX_SHAKE && !defined(__CUDA_ARCH__)
  thread_local std::uint32_t state = 0;
  if (state == 0) state = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&state) >> 4) | 1;
  state = state * 1664525 + 1013904223;
  if (state >> 27 == 0) std::this_thread::yield();
#endif
}
}  // namespace detail

// Operations on memory that many pixels' functors share, the same on the host and on the device. All are relaxed: they
// order nothing else, and what they leave must not depend on the order in which they come. T has 4 or 8 bytes.

/// *at += value; returns what was there. Integers only: sums of floats depend on their order.
template <class T>
HX_HD inline T atomic_add(T* at, T value) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
#ifdef __CUDA_ARCH__
  if constexpr (sizeof(T) == 8)
    return static_cast<T>(atomicAdd(reinterpret_cast<unsigned long long*>(at), static_cast<unsigned long long>(value)));
  else
    return static_cast<T>(atomicAdd(reinterpret_cast<unsigned*>(at), static_cast<unsigned>(value)));
#else
  detail::shake();
  return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
#endif
}

/// What is there now, while others may write it.
template <class T>
HX_HD inline T atomic_read(const T* at) {
#ifdef __CUDA_ARCH__
  return *static_cast<const volatile T*>(at);
#else
  const T seen = __atomic_load_n(at, __ATOMIC_RELAXED);
  detail::shake();
  return seen;
#endif
}

/// Leaves `value` there, while others may read and write it: the last write stays, whichever it is.
template <class T>
HX_HD inline void atomic_write(T* at, T value) {
#ifdef __CUDA_ARCH__
  *static_cast<volatile T*>(at) = value;
#else
  detail::shake();
  __atomic_store_n(at, value, __ATOMIC_RELAXED);
#endif
}

/// Puts `value` where `expected` is; returns what was there.
template <class T>
HX_HD inline T atomic_exchange_if(T* at, T expected, T value) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
#ifdef __CUDA_ARCH__
  if constexpr (sizeof(T) == 8)
    return static_cast<T>(atomicCAS(reinterpret_cast<unsigned long long*>(at),
                                    static_cast<unsigned long long>(expected), static_cast<unsigned long long>(value)));
  else
    return static_cast<T>(
        atomicCAS(reinterpret_cast<unsigned*>(at), static_cast<unsigned>(expected), static_cast<unsigned>(value)));
#else
  detail::shake();
  __atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
#endif
}

/// *at = min(*at, value); returns what was there. Looks before it writes: most values of many change nothing.
template <class T>
HX_HD inline T atomic_min(T* at, T value) {
  static_assert(std::is_unsigned_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
  T seen = atomic_read(at);
#ifdef __CUDA_ARCH__
  using Native = std::conditional_t<sizeof(T) == 8, unsigned long long, unsigned>;
  if (value < seen) seen = static_cast<T>(atomicMin(reinterpret_cast<Native*>(at), static_cast<Native>(value)));
#else
  while (value < seen) {
    const T before = atomic_exchange_if(at, seen, value);
    if (before == seen) break;
    seen = before;
  }
#endif
  return seen;
}

/// *at = max(*at, value); returns what was there. Looks before it writes: most values of many change nothing.
template <class T>
HX_HD inline T atomic_max(T* at, T value) {
  static_assert(std::is_unsigned_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
  T seen = atomic_read(at);
#ifdef __CUDA_ARCH__
  using Native = std::conditional_t<sizeof(T) == 8, unsigned long long, unsigned>;
  if (seen < value) seen = static_cast<T>(atomicMax(reinterpret_cast<Native*>(at), static_cast<Native>(value)));
#else
  while (seen < value) {
    const T before = atomic_exchange_if(at, seen, value);
    if (before == seen) break;
    seen = before;
  }
#endif
  return seen;
}

}  // namespace hexaplex
