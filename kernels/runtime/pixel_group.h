#pragma once

#include <cstdint>
#include <span>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/wide_access.h"

namespace hexaplex {

// Neighbours of a row that one thread reads or writes at once: a device moves 4 to 16 bytes as fast as 2.

/// N values that lie side by side.
template <class T, int N>
struct alignas(N * sizeof(T)) PixelGroup {
  T values[N];
  HX_HD T& operator[](int i) { return values[i]; }
  HX_HD const T& operator[](int i) const { return values[i]; }
};

/// Whether every group of N pixels that begins at a multiple of N lies on a multiple of its size. Host only.
template <int N, class T>
bool has_aligned_groups(const Plane<T>& p) {
  constexpr std::size_t bytes = N * sizeof(T);
  return reinterpret_cast<std::uintptr_t>(p.data) % bytes == 0 && p.pitch * sizeof(T) % bytes == 0;
}
template <int N, class T>
bool has_aligned_groups(std::span<const Plane<T>> planes) {
  for (const Plane<T>& p : planes)
    if (!has_aligned_groups<N>(p)) return false;
  return true;
}

/// The group from (x, y) on, x a multiple of N. What lies beyond the row is 0.
/// @param aligned  has_aligned_groups of the plane, or false
template <int N, class T>
HX_HD inline PixelGroup<std::remove_const_t<T>, N> load_group(const Plane<T>& p, int x, int y, bool aligned) {
  using Group = PixelGroup<std::remove_const_t<T>, N>;
  const T* at = p.row(y) + x;
  Group g;
  if (aligned && x + N <= p.width()) {
    g = read_wide<Group>(at);
  } else {
    for (int i = 0; i < N; ++i) g[i] = x + i < p.width() ? at[i] : T{};
  }
  return g;
}

/// Writes what of the group lies in the row.
template <int N, class T>
HX_HD inline void store_group(const Plane<T>& p, int x, int y, bool aligned, const PixelGroup<T, N>& g) {
  T* at = p.row(y) + x;
  if (aligned && x + N <= p.width()) {
    write_wide(at, g);
  } else {
    for (int i = 0; i < N; ++i)
      if (x + i < p.width()) at[i] = g[i];
  }
}

/// Groups of N that cover the rows of an image.
template <int N>
Extent in_groups(Extent e) {
  return {(e.width + N - 1) / N, e.height};
}

}  // namespace hexaplex
