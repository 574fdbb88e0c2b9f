#pragma once

#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/unrolled.h"

namespace hexaplex::detail {

/// The maximum over a piece of a plane, by one block.
struct PlaneMaximum {
  static constexpr int kThreads = 256;
  static constexpr int kWidth = 64, kHeight = 128;             ///< pixels
  static constexpr int kColumn = kWidth * kHeight / kThreads;  ///< of a thread
  static constexpr int kGroups = 16;

  struct Shared {
    std::uint32_t values[kThreads];
    std::uint32_t groups[kGroups];
  };

  static BlockTiles over(Extent e) { return BlockTiles::over(e.width, e.height, kWidth, kHeight); }

  /// A thread's part: the maximum of `value(pixel)`. Beyond the plane its last pixels are read again.
  template <class T, class F>
  HX_HD static std::uint32_t of_column(const Plane<const T>& plane, int left, int top, int t, F value) {
    constexpr int kAtOnce = 8;
    const int x = left + t % kWidth < plane.width() ? left + t % kWidth : plane.width() - 1;
    const int y = top + t / kWidth * kColumn;
    std::uint32_t most = 0;
    for (int from = 0; from < kColumn; from += kAtOnce) {
      T pixels[kAtOnce];
      unrolled<kAtOnce>(
          [&](int k) { pixels[k] = plane(x, y + from + k < plane.height() ? y + from + k : plane.height() - 1); });
      unrolled<kAtOnce>([&](int k) {
        const std::uint32_t v = value(pixels[k]);
        most = v > most ? v : most;
      });
    }
    return most;
  }

  /// The maximum of what all threads found.
  HX_HD static std::uint32_t of_block(const Block<kThreads>& block, Shared& s,
                                      PerThread<std::uint32_t, kThreads>& found) {
    block.each_thread([&](int t) { s.values[t] = found[t]; });
    block.each_thread([&](int t) {
      if (t >= kGroups) return;
      std::uint32_t most = 0;
      for (int i = t; i < kThreads; i += kGroups) most = s.values[i] > most ? s.values[i] : most;
      s.groups[t] = most;
    });
    std::uint32_t most = 0;
    for (int i = 0; i < kGroups; ++i) most = s.groups[i] > most ? s.groups[i] : most;
    return most;
  }
};

}  // namespace hexaplex::detail
