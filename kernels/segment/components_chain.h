#pragma once

#include "kernels/runtime/atomics.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

// Union-find over pixels, for any number of threads at once. A root only ever comes to hang under a lower index, so
// every component ends under its first raster pixel, whatever the order of arrival.
// Source: the link by compare-and-swap of R. J. Anderson and H. Woll, STOC 1991; roots by least index.

/// Marks a pixel that belongs to no component.
inline constexpr std::uint32_t kNoParent = 0xffffffffu;

/// The root of i. Shortens the path on its way: any ancestor may stand in a pixel's place.
HX_HD inline std::uint32_t find_root(std::uint32_t* parent, std::uint32_t i) {
  std::uint32_t above = atomic_read(parent + i);
  while (above != i) {
    const std::uint32_t next = atomic_read(parent + above);
    if (next != above) atomic_min(parent + i, next);
    i = above;
    above = next;
  }
  return i;
}

HX_HD inline void unite(std::uint32_t* parent, std::uint32_t a, std::uint32_t b) {
  for (;;) {
    a = find_root(parent, a);
    b = find_root(parent, b);
    if (a == b) return;
    const std::uint32_t low = a < b ? a : b, high = a < b ? b : a;
    if (atomic_exchange_if(parent + high, high, low) == high) return;  // else another thread was first
  }
}

/// What holds pixels together: equal values, `background` left out.
template <class T>
struct EqualPixels {
  Plane<const T> image;
  T wanted;  ///< where `any`: the background, else the only value that counts
  bool any;
  HX_HD bool belongs(int x, int y) const { return any ? image(x, y) != wanted : image(x, y) == wanted; }
  HX_HD bool joined(int x, int y, int u, int v) const { return image(x, y) == image(u, v); }
};

template <class T>
struct StartParents {
  EqualPixels<T> rule;
  std::uint32_t* parent;
  HX_HD void operator()(int x, int y) const {
    const std::int64_t i = static_cast<std::int64_t>(y) * rule.image.width() + x;
    parent[i] = rule.belongs(x, y) ? static_cast<std::uint32_t>(i) : kNoParent;
  }
};

template <class T>
struct JoinToLeftAndUpper {
  EqualPixels<T> rule;
  std::uint32_t* parent;
  HX_HD void operator()(int x, int y) const {
    if (!rule.belongs(x, y)) return;
    const std::int64_t width = rule.image.width(), i = y * width + x;
    const auto here = static_cast<std::uint32_t>(i);
    if (x > 0 && rule.joined(x, y, x - 1, y)) unite(parent, here, static_cast<std::uint32_t>(i - 1));
    if (y > 0 && rule.joined(x, y, x, y - 1)) unite(parent, here, static_cast<std::uint32_t>(i - width));
  }
};

/// Puts every pixel under its root, and counts it there.
struct CountUnderRoot {
  std::uint32_t* parent;
  std::uint32_t* area;
  HX_HD void operator()(std::int64_t i) const {
    if (atomic_read(parent + i) == kNoParent) return;
    const std::uint32_t root = find_root(parent, static_cast<std::uint32_t>(i));
    atomic_min(parent + i, root);
    atomic_add(area + root, 1u);
  }
};

/// The first raster pixel of each pixel's component (kNoParent outside), and by that pixel the component's area.
template <class Q>
struct PixelComponents {
  WorkBuffer<std::uint32_t, Q> root, area;
};

template <class Q, class T>
PixelComponents<Q> find_components(const Q& q, const EqualPixels<T>& rule) {
  const std::int64_t pixels = rule.image.extent.area();
  HX_EXPECT(pixels < kNoParent, "a plane on the device must have fewer than 2^32 - 1 pixels");
  PixelComponents<Q> out{{q, static_cast<std::size_t>(pixels)}, {q, static_cast<std::size_t>(pixels)}};
  std::uint32_t *parent = out.root.data(), *area = out.area.data();
  fill_bytes(q, area, 0, static_cast<std::size_t>(pixels) * sizeof *area);
  for_each_pixel(q, rule.image.extent, StartParents<T>{rule, parent}, "starting components");
  for_each_pixel(q, rule.image.extent, JoinToLeftAndUpper<T>{rule, parent}, "joining components");
  for_each_index(q, pixels, CountUnderRoot{parent, area}, "counting components");
  return out;
}

}  // namespace hexaplex::detail
