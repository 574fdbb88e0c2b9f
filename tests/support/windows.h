#pragma once

#include <algorithm>
#include <vector>

#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex::testing {

template <class T>
HostPlane<T> crop(const HostPlane<T>& src, Rect r) {
  HostPlane<T> out(r.extent());
  for (int y = 0; y < r.height; ++y)
    for (int x = 0; x < r.width; ++x) out(x, y) = src(r.x + x, r.y + y);
  return out;
}

struct CoreAndWindow {
  Rect core, window;
};

/// Squares that cover an image, each with what lies within `halo` of it; windows start at multiples of `alignment`.
inline std::vector<CoreAndWindow> cut_into_tiles(Extent image, int tile, int halo, int alignment = 1) {
  std::vector<CoreAndWindow> out;
  for (int y = 0; y < image.height; y += tile)
    for (int x = 0; x < image.width; x += tile) {
      const Rect core{x, y, std::min(tile, image.width - x), std::min(tile, image.height - y)};
      const int left = std::max(0, x - halo) / alignment * alignment;
      const int top = std::max(0, y - halo) / alignment * alignment;
      out.push_back({core,
                     {left, top, std::min(image.width, core.right() + halo) - left,
                      std::min(image.height, core.bottom() + halo) - top}});
    }
  return out;
}

/// Runs `f(window pixels)` on each tile of `src` and puts the cores of the results together.
template <class U, class T, class F>
HostPlane<U> in_tiles(const HostPlane<T>& src, int tile, int halo, F f, int alignment = 1) {
  HostPlane<U> out(src.extent());
  for (const auto& [core, window] : cut_into_tiles(src.extent(), tile, halo, alignment)) {
    const HostPlane<U> part = f(crop(src, window));
    for (int y = core.y; y < core.bottom(); ++y)
      for (int x = core.x; x < core.right(); ++x) out(x, y) = part(x - window.x, y - window.y);
  }
  return out;
}

/// A plane inside a larger one, of odd pitch: shows whether an operator keeps to its window.
template <class T>
class Framed {
 public:
  explicit Framed(const HostPlane<T>& inner, T sentinel = T(0x5a))
      : all_({inner.width() + 7 + inner.width() % 2, inner.height() + 5}, sentinel),
        place_{3, 2, inner.width(), inner.height()},
        sentinel_(sentinel) {
    for (int y = 0; y < place_.height; ++y)
      for (int x = 0; x < place_.width; ++x) all_(place_.x + x, place_.y + y) = inner(x, y);
  }
  Plane<T> view() { return all_.view().window(place_); }
  HostPlane<T> pixels() const { return crop(all_, place_); }
  bool surroundings_untouched() const {
    for (int y = 0; y < all_.height(); ++y)
      for (int x = 0; x < all_.width(); ++x) {
        const bool inside = x >= place_.x && x < place_.right() && y >= place_.y && y < place_.bottom();
        if (!inside && all_(x, y) != sentinel_) return false;
      }
    return true;
  }

 private:
  HostPlane<T> all_;
  Rect place_;
  T sentinel_;
};

/// Calls `f()` with 1, 2, 3 and 8 threads for all CPU queues, and with three that share the threads of each block. A
/// sanitizer sees with three what it would see with the others, at many times the price: there the others are left out.
template <class F>
void for_thread_counts(F f) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  const std::vector<int> counts{3};
#else
  const std::vector<int> counts{1, 2, 3, 8};
#endif
  for (const int threads : counts) {
    set_cpu_threads(threads);
    f();
  }
  set_cpu_threads(0);
  hexaplex::detail::set_block_team(3);
  f();
  hexaplex::detail::set_block_team(1);
}

/// Shapes that operators must take.
inline const std::vector<Extent> kEdgeShapes{{1, 1},  {1, 2},   {2, 1},    {2, 2},  {1, 70},
                                             {70, 1}, {3, 131}, {129, 65}, {64, 64}};
inline const std::vector<Extent> kEmptyShapes{{0, 0}, {0, 7}, {7, 0}};

}  // namespace hexaplex::testing
