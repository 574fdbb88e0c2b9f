#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "kernels/intensity/histogram.h"
#include "kernels/runtime/atomics.h"
#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

HX_HD inline std::uint16_t histogram_key(std::uint16_t v) {
  return v;
}
HX_HD inline std::uint16_t histogram_key(float v) {
  return float_key(v);
}

inline constexpr int kHistogramBins = 65536;
inline constexpr int kCountTile = 128;     ///< side of a tile, pixels
inline constexpr int kCountRun = 32;       ///< rows of it that a thread walks down
inline constexpr int kCountedPlanes = 16;  ///< of one launch

/// Counts one tile of one of several planes. 65,536 bins do not fit shared memory, so they come in three windows, of
/// which a tile may need one or two; the others cost nothing. It is read once from device memory, and for every
/// window once more from the multiprocessor's cache. Two counts share a word: a tile has 2^14 pixels, a quarter
/// of what 16 bits count. Equal neighbours down a column come as one, so that even in a plane of one value nobody waits
/// long for a counter.
template <class T>
struct CountTile {
  static constexpr int kThreads = kCountTile * kCountTile / kCountRun;
  static constexpr std::uint32_t kWindows = 3, kWords = (kHistogramBins - 1) / (2 * kWindows) + 1, kWindow = 2 * kWords;
  struct Shared {
    std::uint32_t counts[kWords];  ///< of value i of a window in the lower half, of value i + kWords in the upper
    std::uint32_t wanted[kWindows];
  };
  Plane<const T> planes[kCountedPlanes];
  std::int64_t stop[kCountedPlanes];      ///< the first block behind each plane's
  std::uint32_t counter[kCountedPlanes];  ///< that each plane is counted in
  std::uint32_t* bins;                    ///< kHistogramBins of each counter

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    int which = 0;
    while (block.index >= stop[which]) ++which;
    const auto tile = static_cast<std::uint32_t>(block.index - (which > 0 ? stop[which - 1] : 0));
    const auto across = static_cast<std::uint32_t>((planes[which].width() - 1) / kCountTile + 1);
    const int left = static_cast<int>(tile % across) * kCountTile, top = static_cast<int>(tile / across) * kCountTile;
    const auto column = [&](int t) {
      return Column(planes[which], left + t % kCountTile, top + t / kCountTile * kCountRun);
    };
    block.each_thread([&](int t) {
      for (std::uint32_t i = t; i < kWords; i += kThreads) s.counts[i] = 0;
      if (t < static_cast<int>(kWindows)) s.wanted[t] = 0;
    });
    PerThread<std::uint32_t, kThreads> own;  // windows that a thread's pixels need
    block.each_thread([&](int t) {
      std::uint32_t wanted = 0;
      column(t).walk([&](std::uint32_t key) { wanted |= 1u << key / kWindow; });
      own[t] = wanted;
      for (std::uint32_t w = 0; w < kWindows; ++w)
        if ((wanted >> w & 1u) != 0) atomic_max(&s.wanted[w], 1u);
    });
    for (std::uint32_t w = 0; w < kWindows; ++w) {
      if (s.wanted[w] == 0) continue;
      block.each_thread([&](int t) {
        if ((own[t] >> w & 1u) != 0) count(column(t), w, s);
      });
      std::uint32_t* const to = bins + static_cast<std::size_t>(counter[which]) * kHistogramBins + w * kWindow;
      block.each_thread([&](int t) {
        for (std::uint32_t i = t; i < kWords; i += kThreads) {
          const std::uint32_t both = s.counts[i];
          if (both == 0) continue;
          s.counts[i] = 0;
          if ((both & 0xffffu) != 0) atomic_add(&to[i], both & 0xffffu);
          if (both >> 16 != 0) atomic_add(&to[i + kWords], both >> 16);
        }
      });
    }
  }

 private:
  /// A thread's pixels.
  struct Column {
    const T* first;
    std::ptrdiff_t pitch;
    int rows;  ///< none: the column lies beside or below the plane

    HX_HD Column(const Plane<const T>& p, int x, int y)
        : first(p.data + y * p.pitch + x),
          pitch(p.pitch),
          rows(x >= p.width() || y >= p.height() ? 0
               : p.height() - y < kCountRun      ? p.height() - y
                                                 : kCountRun) {}

    /// Calls f(key) for every pixel; several are on their way at a time.
    template <class F>
    HX_HD void walk(F f) const {
      constexpr int kAtOnce = 8;
      for (int row = 0; row < rows; row += kAtOnce) {
        T values[kAtOnce];
        for (int k = 0; k < kAtOnce; ++k) values[k] = row + k < rows ? first[(row + k) * pitch] : T(0);
        for (int k = 0; k < kAtOnce; ++k)
          if (row + k < rows) f(static_cast<std::uint32_t>(histogram_key(values[k])));
      }
    }
  };

  HX_HD static void count(const Column& column, std::uint32_t window, Shared& s) {
    std::uint32_t last = 0, run = 0;
    const auto add = [&] {
      const std::uint32_t at = last - window * kWindow;
      if (run > 0 && at < kWindow) atomic_add(&s.counts[at < kWords ? at : at - kWords], at < kWords ? run : run << 16);
    };
    column.walk([&](std::uint32_t key) {
      if (key != last) {
        add();
        last = key;
        run = 0;
      }
      ++run;
    });
    add();
  }
};

/// What a launch counts: a plane, or a band of its rows.
template <class T>
struct CountedPlane {
  Plane<const T> plane;
  std::size_t histogram;
  std::uint32_t counter;  ///< bins that planes of one histogram share as long as 32 bits count them all
};

/// @param histograms  one for each plane, or one for all
template <class T>
std::vector<CountedPlane<T>> countable_planes(std::span<const Plane<const T>> planes, std::size_t histograms) {
  constexpr std::int64_t kMost = 0xffffffff;
  std::vector<CountedPlane<T>> out;
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const Plane<const T>& p = planes[i];
    if (p.extent.empty()) continue;
    const std::size_t histogram = histograms == 1 ? 0 : i;
    const int most_rows = static_cast<int>(std::min<std::int64_t>(p.height(), kMost / p.width()));
    for (int y = 0; y < p.height(); y += most_rows) {
      const Plane<const T> band = p.window({0, y, p.width(), std::min(most_rows, p.height() - y)});
      const bool joins = !out.empty() && out.back().histogram == histogram && counted + band.extent.area() <= kMost;
      counted = band.extent.area() + (joins ? counted : 0);
      const std::uint32_t counter = out.empty() ? 0 : out.back().counter + (joins ? 0 : 1);
      out.push_back({band, histogram, counter});
    }
  }
  return out;
}

/// Memory: 256 KiB a histogram.
template <class Q, class T>
void add_to_histograms_chain(const Q& q, std::span<const Plane<const T>> planes, std::span<Histogram16> histograms) {
  const std::vector<CountedPlane<T>> counted = countable_planes(planes, histograms.size());
  if (counted.empty()) return;
  const WorkBuffer<std::uint32_t, Q> bins(q, (counted.back().counter + std::size_t{1}) * kHistogramBins);
  fill_bytes(q, bins.data(), 0, bins.size() * sizeof(std::uint32_t));
  for (std::size_t first = 0; first < counted.size(); first += kCountedPlanes) {
    const std::size_t count = std::min<std::size_t>(kCountedPlanes, counted.size() - first);
    CountTile<T> tiles{};
    tiles.bins = bins.data();
    std::int64_t blocks = 0;
    for (std::size_t i = 0; i < count; ++i) {
      tiles.planes[i] = counted[first + i].plane;
      tiles.counter[i] = counted[first + i].counter;
      const Extent e = tiles.planes[i].extent;
      tiles.stop[i] = blocks += BlockTiles::over(e.width, e.height, kCountTile, kCountTile).count();
    }
    for_each_block(q, blocks, tiles, "counting values");
  }
  std::vector<std::uint32_t> found(bins.size());
  fetch(q, bins.data(), found.data(), found.size());
  for (std::size_t i = 0; i < counted.size(); ++i) {
    if (i > 0 && counted[i].counter == counted[i - 1].counter) continue;
    const std::uint32_t* const from = found.data() + counted[i].counter * std::size_t{kHistogramBins};
    std::int64_t* const to = histograms[counted[i].histogram].data();
    for (int v = 0; v < kHistogramBins; ++v) to[v] += from[v];
  }
}

}  // namespace hexaplex::detail
