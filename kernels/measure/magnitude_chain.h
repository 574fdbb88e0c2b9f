#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "kernels/measure/ordered_float.h"
#include "kernels/measure/plane_maximum.h"
#include "kernels/measure/region_stats.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

/// Bits of a magnitude are in its order; what is not finite is above all that is.
HX_HD inline std::uint32_t magnitude_bits(float v) {
  std::uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits & 0x7fffffffu;
}
inline constexpr std::uint32_t kNotFinite = 0x7f800000u;

/// What is found of a plane. All zero: nothing.
struct FoundMagnitude {
  std::uint64_t not_first;  ///< place of the first value that is not finite, in raster order, all bits inverted
  std::uint32_t largest;    ///< magnitude_bits
};

/// The largest magnitudes of several planes, a block for every piece of each.
struct FindLargest {
  static constexpr int kThreads = PlaneMaximum::kThreads;
  static constexpr int kMostPlanes = 16;
  using Shared = PlaneMaximum::Shared;
  Plane<const float> planes[kMostPlanes];
  BlockTiles tiles[kMostPlanes];
  std::int64_t first_block[kMostPlanes + 1];  ///< of each plane; the rest of the array is the number of blocks
  FoundMagnitude* found;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    int i = 0;
    while (block.index >= first_block[i + 1]) ++i;
    const Plane<const float>& plane = planes[i];
    const int left = tiles[i].left(block.index - first_block[i]), top = tiles[i].top(block.index - first_block[i]);
    PerThread<std::uint32_t, kThreads> largest;
    block.each_thread([&](int t) { largest[t] = PlaneMaximum::of_column(plane, left, top, t, magnitude_bits); });
    const std::uint32_t most = PlaneMaximum::of_block(block, s, largest);
    block.each_thread([&](int t) {
      if (t == 0) atomic_max(&found[i].largest, most);
      if (largest[t] < kNotFinite) return;
      const int x = left + t % PlaneMaximum::kWidth;
      int y = top + t / PlaneMaximum::kWidth * PlaneMaximum::kColumn;
      if (x >= plane.width()) return;  // the pixel read again has a thread of its own
      const int end = y + PlaneMaximum::kColumn < plane.height() ? y + PlaneMaximum::kColumn : plane.height();
      while (y < end && magnitude_bits(plane(x, y)) < kNotFinite) ++y;
      if (y < end)
        atomic_max(&found[i].not_first, ~(static_cast<std::uint64_t>(y) * static_cast<std::uint64_t>(plane.width()) +
                                          static_cast<std::uint64_t>(x)));
    });
  }
};

template <class Q>
std::vector<float> largest_magnitudes_chain(const Q& q, std::span<const Plane<const float>> planes) {
  std::vector<float> out(planes.size(), 0.0f);
  if (planes.empty()) return out;
  const WorkBuffer<FoundMagnitude, Q> found_there(q, planes.size());
  fill_bytes(q, found_there.data(), 0, planes.size() * sizeof(FoundMagnitude));
  for (std::size_t first = 0; first < planes.size(); first += FindLargest::kMostPlanes) {
    FindLargest find{};
    find.found = found_there.data() + first;
    std::int64_t blocks = 0;
    for (std::size_t i = 0; i < FindLargest::kMostPlanes; ++i) {
      find.first_block[i] = blocks;
      if (first + i >= planes.size() || planes[first + i].extent.empty()) continue;
      find.planes[i] = planes[first + i];
      find.tiles[i] = PlaneMaximum::over(find.planes[i].extent);
      blocks += find.tiles[i].count();
    }
    find.first_block[FindLargest::kMostPlanes] = blocks;
    for_each_block(q, blocks, find, "looking for the largest magnitude");
  }
  std::vector<FoundMagnitude> found(planes.size());
  fetch(q, found_there.data(), found.data(), found.size());
  for (std::size_t i = 0; i < planes.size(); ++i) {
    if (found[i].largest >= kNotFinite) {
      const std::uint64_t at = ~found[i].not_first, width = static_cast<std::uint64_t>(planes[i].width());
      throw_not_finite(static_cast<int>(at % width), static_cast<int>(at / width));
    }
    std::memcpy(&out[i], &found[i].largest, sizeof(float));
  }
  return out;
}

template <class Q>
float largest_magnitude_chain(const Q& q, Plane<const float> plane) {
  return largest_magnitudes_chain(q, {&plane, 1})[0];
}

}  // namespace hexaplex::detail
