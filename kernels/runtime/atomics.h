#pragma once

#include <type_traits>

#include "kernels/runtime/host_device.h"

namespace hexaplex {

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
  return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
#endif
}

/// What is there now, while others may write it.
template <class T>
HX_HD inline T atomic_read(const T* at) {
#ifdef __CUDA_ARCH__
  return *static_cast<const volatile T*>(at);
#else
  return __atomic_load_n(at, __ATOMIC_RELAXED);
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
  __atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
#endif
}

namespace detail {
/// Exchanges as long as `better` says so.
template <class T, class Better>
HX_HD inline T atomic_improve(T* at, T value, T seen, Better better) {
  while (better(value, seen)) {
    const T before = atomic_exchange_if(at, seen, value);
    if (before == seen) break;
    seen = before;
  }
  return seen;
}
#ifdef __CUDA_ARCH__
/// Unsigned integers have minima and maxima of their own on a device.
template <class T>
using DeviceWord = std::conditional_t<sizeof(T) == 8, unsigned long long, unsigned>;
inline constexpr bool kOnDevice = true;
#else
inline constexpr bool kOnDevice = false;
#endif
}  // namespace detail

// A look before the exchange: where many meet in one place, most have nothing to change.

/// *at = min(*at, value); returns what was there.
template <class T>
HX_HD inline T atomic_min(T* at, T value) {
  const T seen = atomic_read(at);
  if constexpr (detail::kOnDevice && std::is_unsigned_v<T>) {
#ifdef __CUDA_ARCH__
    using Word = detail::DeviceWord<T>;
    return value < seen ? static_cast<T>(atomicMin(reinterpret_cast<Word*>(at), static_cast<Word>(value))) : seen;
#endif
  } else {
    return detail::atomic_improve(at, value, seen, [](T now, T then) { return now < then; });
  }
}

/// *at = max(*at, value); returns what was there.
template <class T>
HX_HD inline T atomic_max(T* at, T value) {
  const T seen = atomic_read(at);
  if constexpr (detail::kOnDevice && std::is_unsigned_v<T>) {
#ifdef __CUDA_ARCH__
    using Word = detail::DeviceWord<T>;
    return seen < value ? static_cast<T>(atomicMax(reinterpret_cast<Word*>(at), static_cast<Word>(value))) : seen;
#endif
  } else {
    return detail::atomic_improve(at, value, seen, [](T now, T then) { return now > then; });
  }
}

}  // namespace hexaplex
