#pragma once

#include "tests/support/queues.h"
#include "tests/support/windows.h"

namespace hexaplex::testing {

/// Framed (windows.h) where a queue's operators can reach it: a window of odd pitch inside a larger plane.
template <class T>
class FramedOnQueue {
 public:
  FramedOnQueue(const Queue& q, const HostPlane<T>& inner, T sentinel = T(0x5a))
      : place_{3, 2, inner.width(), inner.height()}, sentinel_(sentinel), all_(q, frame(inner, place_, sentinel)) {}

  Plane<T> view() { return all_.view().window(place_); }

  /// Waits for the queue and fetches the pixels.
  HostPlane<T> pixels() { return crop(all_.pixels(), place_); }

  /// Waits for the queue.
  bool surroundings_untouched() {
    const HostPlane<T> pixels = all_.pixels();
    for (int y = 0; y < pixels.height(); ++y)
      for (int x = 0; x < pixels.width(); ++x) {
        const bool inside = x >= place_.x && x < place_.right() && y >= place_.y && y < place_.bottom();
        if (!inside && pixels(x, y) != sentinel_) return false;
      }
    return true;
  }

 private:
  static HostPlane<T> frame(const HostPlane<T>& inner, Rect place, T sentinel) {
    HostPlane<T> out({inner.width() + 7 + inner.width() % 2, inner.height() + 5}, sentinel);
    for (int y = 0; y < place.height; ++y)
      for (int x = 0; x < place.width; ++x) out(place.x + x, place.y + y) = inner(x, y);
    return out;
  }

  Rect place_;
  T sentinel_;
  PlaneOnQueue<T> all_;
};

}  // namespace hexaplex::testing
