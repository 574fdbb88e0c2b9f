#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/runtime/host_device.h"

namespace hexaplex {

/// Size of an image in pixels. A slide's side fits an int; its pixel count needs 64 bits.
struct Extent {
  int width = 0;
  int height = 0;
  HX_HD bool operator==(const Extent& o) const { return width == o.width && height == o.height; }
  HX_HD std::int64_t area() const { return static_cast<std::int64_t>(width) * height; }
  HX_HD bool empty() const { return width <= 0 || height <= 0; }
};

/// Axis-aligned window of an image, in pixels; (x, y) is its first pixel.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  HX_HD bool operator==(const Rect& o) const { return x == o.x && y == o.y && width == o.width && height == o.height; }
  HX_HD Extent extent() const { return {width, height}; }
  HX_HD int right() const { return x + width; }
  HX_HD int bottom() const { return y + height; }
  HX_HD std::int64_t area() const { return static_cast<std::int64_t>(width) * height; }
};

/// The pixels that two rectangles share: an empty extent where there are none.
HX_HD inline Rect common(Rect a, Rect b) {
  const int left = a.x > b.x ? a.x : b.x, top = a.y > b.y ? a.y : b.y;
  const int right = a.right() < b.right() ? a.right() : b.right();
  const int bottom = a.bottom() < b.bottom() ? a.bottom() : b.bottom();
  return {left, top, right > left ? right - left : 0, bottom > top ? bottom - top : 0};
}

/// The smallest rectangle around two.
HX_HD inline Rect bounds(Rect a, Rect b) {
  const int left = a.x < b.x ? a.x : b.x, top = a.y < b.y ? a.y : b.y;
  const int right = a.right() > b.right() ? a.right() : b.right();
  const int bottom = a.bottom() > b.bottom() ? a.bottom() : b.bottom();
  return {left, top, right - left, bottom - top};
}

/// `r` and all that lies within `by` pixels of it, as far as `image` goes.
HX_HD inline Rect widened(Rect r, int by, Extent image) {
  return common({r.x - by, r.y - by, r.width + 2 * by, r.height + 2 * by}, {0, 0, image.width, image.height});
}

/// `r` seen from a window whose first pixel is (x, y).
HX_HD inline Rect seen_from(int x, int y, Rect r) {
  return {r.x - x, r.y - y, r.width, r.height};
}

/// A view of one channel: kernels never own pixels.
template <class T>
struct Plane {
  T* data = nullptr;
  Extent extent{};
  std::ptrdiff_t pitch = 0;  ///< elements from one row to the next

  HX_HD T& operator()(int x, int y) const { return data[y * pitch + x]; }
  HX_HD T* row(int y) const { return data + y * pitch; }
  HX_HD int width() const { return extent.width; }
  HX_HD int height() const { return extent.height; }

  /// The part of this plane inside `r`, which must lie within the extent.
  HX_HD Plane window(Rect r) const { return {data + r.y * pitch + r.x, {r.width, r.height}, pitch}; }

  /// A view for reading. A template, because nvcc warns of a conversion to itself where T is const already.
  template <class U>
  requires(std::is_same_v<U, const T> && !std::is_const_v<T>) HX_HD operator Plane<U>() const {
    return {data, extent, pitch};
  }
};

/// Whether a view can be walked: a non-negative extent and, unless it is empty, data and a pitch of at least the width.
template <class T>
bool is_sound(const Plane<T>& p) {
  if (p.extent.width < 0 || p.extent.height < 0) return false;
  return p.extent.empty() || (p.data != nullptr && p.pitch >= p.extent.width);
}

/// Whether the memory that two sound views span overlaps, the gaps between rows included.
template <class T, class U>
bool share_memory(const Plane<T>& a, const Plane<U>& b) {
  if (a.extent.empty() || b.extent.empty()) return false;
  const auto first = [](const auto& p) { return reinterpret_cast<std::uintptr_t>(p.data); };
  const auto last = [](const auto& p) {
    return reinterpret_cast<std::uintptr_t>(p.row(p.extent.height - 1) + p.extent.width);
  };
  return first(a) < last(b) && first(b) < last(a);
}

}  // namespace hexaplex
