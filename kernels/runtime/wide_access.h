#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/runtime/host_device.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/unrolled.h"

namespace hexaplex {

// Several neighbouring values in one access: a device moves up to 16 bytes a thread and instruction.

/// Whether a place is a multiple of `bytes`, a power of two.
HX_HD inline bool is_aligned(const void* place, unsigned bytes) {
  return (reinterpret_cast<std::uintptr_t>(place) & (bytes - 1)) == 0;
}

// Several neighbouring values as one struct T, where they lie at a multiple of T's alignment: alignas(16) makes the
// widest reads and writes of a device.

template <class T>
HX_HD inline bool is_aligned_for(const void* at) {
  return is_aligned(at, alignof(T));
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

// --- words

/// `n` words of 32 bits: 1, 2 or 4. The first value in memory has the low bits.
template <int n>
struct alignas(4 * n) Words {
  std::uint32_t at[n];
};

/// `from` must be a multiple of 4 n bytes.
template <int n, class T>
HX_HD inline Words<n> load_words(const T* from) {
  return read_wide<Words<n>>(from);
}

/// `to` must be a multiple of 4 n bytes.
template <int n, class T>
HX_HD inline void store_words(T* to, const Words<n>& words) {
  write_wide(to, words);
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

/// Eight values of 16 bits, four words of two, to values[at] and on.
template <int n>
HX_HD inline void unpack_eight(const Words<4>& eight, std::uint32_t (&values)[n], int at) {
  unrolled<4>([&](int j) {
    values[at + 2 * j] = low_half(eight.at[j]);
    values[at + 2 * j + 1] = high_half(eight.at[j]);
  });
}

namespace detail {

template <class T>
HX_HD inline std::uint32_t bits_of(T value) {
  static_assert(sizeof(T) <= 4);
  if constexpr (sizeof(T) == 1) return static_cast<std::uint8_t>(value);
  if constexpr (sizeof(T) == 2) return static_cast<std::uint16_t>(value);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}
template <class T>
HX_HD inline T value_of(std::uint32_t bits) {
  if constexpr (sizeof(T) < 4) return static_cast<T>(bits);
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace detail

/// Value i of those in an array of words.
template <class T, int n>
HX_HD inline T value_in(const std::uint32_t (&words)[n], int i) {
  constexpr int kBits = 8 * sizeof(T);
  const int bit = i * kBits;
  std::uint32_t word = words[bit / 32] >> bit % 32;
  if constexpr (kBits < 32) word &= (1u << kBits) - 1;
  return detail::value_of<T>(word);
}

/// n neighbours of a row, 8, 16, 32 or 64 bytes: in words where all are there and lie right, else one by one. Those at
/// `count` and beyond are left as they are.
template <class T, int n>
HX_HD inline void load_run(const T* from, int count, T (&values)[n]) {
  constexpr int kWords = n * sizeof(T) / 4, kWide = kWords < 4 ? kWords : 4;
  if (count >= n && is_aligned(from, 4 * kWide)) {
    std::uint32_t words[kWords];
    unrolled<kWords / kWide>([&](int k) {
      const Words<kWide> some = load_words<kWide>(from + k * (4 * kWide / sizeof(T)));
      unrolled<kWide>([&](int j) { words[k * kWide + j] = some.at[j]; });
    });
    unrolled<n>([&](int i) { values[i] = value_in<T>(words, i); });
    return;
  }
  unrolled<n>([&](int i) {
    if (i < count) values[i] = from[i];
  });
}

/// The same the other way.
template <class T, int n>
HX_HD inline void store_run(T* to, int count, const T (&values)[n]) {
  constexpr int kWords = n * sizeof(T) / 4, kWide = kWords < 4 ? kWords : 4, kEach = 4 / sizeof(T);
  if (count >= n && is_aligned(to, 4 * kWide)) {
    unrolled<kWords / kWide>([&](int k) {
      Words<kWide> some;
      unrolled<kWide>([&](int j) {
        std::uint32_t word = 0;
        unrolled<kEach>(
            [&](int i) { word |= detail::bits_of(values[(k * kWide + j) * kEach + i]) << i * 8 * sizeof(T); });
        some.at[j] = word;
      });
      store_words<kWide>(to + k * (4 * kWide / sizeof(T)), some);
    });
    return;
  }
  unrolled<n>([&](int i) {
    if (i < count) to[i] = values[i];
  });
}

/// Runs of `n` pixels that cover an image: what a thread each works on.
inline Extent runs_of(Extent image, int n) {
  return {(image.width + n - 1) / n, image.height};
}

/// Eight pixels of 16 bits, four words of two, to where at most `count` of them belong.
template <class T>
HX_HD inline void store_eight(T* to, const Words<4>& pixels, int count) {
  static_assert(sizeof(T) == 2);
  if (count >= 8 && is_aligned(to, 16)) {
    store_words<4>(to, pixels);
    return;
  }
  unrolled<8>([&](int i) {
    if (i < count) to[i] = value_in<T>(pixels.at, i);
  });
}

}  // namespace hexaplex
