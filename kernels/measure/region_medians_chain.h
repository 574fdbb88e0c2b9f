#pragma once

#include "kernels/measure/ordered_float.h"
#include "kernels/measure/region_pixels_chain.h"

namespace hexaplex::detail {

/// One search for each region and set: for the lower of the two middle values, from the highest bit of its key down.
struct MedianSearches {
  std::uint32_t* pixels;  ///< of the set
  std::uint32_t* rank;    ///< of the value among those that share the bits known so far
  std::uint32_t* key;     ///< the bits known so far
  std::uint32_t* seen;    ///< a count of one launch
  std::uint32_t* above;   ///< the least key above the value's
};

struct MedianPixels {
  RegionPixels pixels;
  std::uint32_t set_masks;  ///< PixelSets, a byte for each part
  int sets;

  /// Calls f(search) for the search of each set that a pixel of the core belongs to.
  template <class F>
  HX_HD void each_search(int x, int y, F f) const {
    for (int side = 0; side < 2; ++side) {
      const RegionPixels::Place at = pixels.place(x, y, side);
      if (at.row < 0) continue;
      const unsigned mask = set_masks >> (8 * at.part) & 0xffu;
      for (int s = 0; s < sets; ++s)
        if ((mask >> s & 1u) != 0) f(at.row * sets + s);
    }
  }
  HX_HD std::uint32_t key(const Plane<const float>& plane, int x, int y) const {
    return ordered_key(plane(pixels.labels.core.x + x, pixels.labels.core.y + y));
  }
};

struct CountSetPixels {
  MedianPixels of;
  std::uint32_t* count;
  HX_HD void operator()(int x, int y) const {
    of.each_search(x, y, [&](std::int64_t i) { atomic_add(&count[i], std::uint32_t{1}); });
  }
};

struct StartMedians {
  MedianSearches to;
  HX_HD void operator()(std::int64_t i) const {
    to.rank[i] = to.pixels[i] == 0 ? 0 : (to.pixels[i] - 1) / 2;
    to.key[i] = 0;
    to.seen[i] = 0;
    to.above[i] = 0xffffffffu;
  }
};

/// Counts the values that go on with a 0 at `bit`.
struct CountZeroBits {
  MedianPixels of;
  Plane<const float> plane;
  MedianSearches searches;
  int bit;
  HX_HD void operator()(int x, int y) const {
    const std::uint32_t key = of.key(plane, x, y);
    of.each_search(x, y, [&](std::int64_t i) {
      // The bits below those known are 0 in the search's key.
      if (key >> bit == searches.key[i] >> bit) atomic_add(&searches.seen[i], std::uint32_t{1});
    });
  }
};

struct DecideBit {
  MedianSearches to;
  int bit;
  HX_HD void operator()(std::int64_t i) const {
    if (to.rank[i] >= to.seen[i]) {
      to.rank[i] -= to.seen[i];
      to.key[i] |= std::uint32_t{1} << bit;
    }
    to.seen[i] = 0;
  }
};

/// Counts the values that equal the lower middle one, and finds the next above.
struct LookAbove {
  MedianPixels of;
  Plane<const float> plane;
  MedianSearches searches;
  HX_HD void operator()(int x, int y) const {
    const std::uint32_t key = of.key(plane, x, y);
    of.each_search(x, y, [&](std::int64_t i) {
      if (key == searches.key[i])
        atomic_add(&searches.seen[i], std::uint32_t{1});
      else if (key > searches.key[i])
        atomic_min(&searches.above[i], key);
    });
  }
};

struct WriteMedians {
  MedianSearches from;
  double* medians;
  HX_HD void operator()(std::int64_t i) const {
    double middle = static_cast<double>(value_of_key(from.key[i]));
    if (from.pixels[i] == 0) {
      const std::uint64_t nan = 0x7ff8000000000000ull;
      memcpy(&middle, &nan, sizeof middle);
    } else if (from.pixels[i] % 2 == 0 && from.rank[i] + 1 >= from.seen[i]) {
      middle = (middle + static_cast<double>(value_of_key(from.above[i]))) / 2;
    }
    medians[i] = middle + 0.0;  // never -0
  }
};

template <class Q>
WorkBuffer<double, Q> region_medians_chain(const Q& q, const DeviceRegions<Q>& regions, Plane<const float> plane,
                                           const PixelSets& sets, int set_count) {
  HX_EXPECT(set_count >= 0 && set_count <= kMaxPixelSets, "a pixel is of 8 sets at most");
  HX_EXPECT(plane.extent == regions.planes.outer.extent, "the channel and the labels differ in extent");
  const std::size_t searches = regions.labels.size() * static_cast<std::size_t>(set_count);
  WorkBuffer<double, Q> medians(q, searches);
  if (searches == 0) return medians;
  const auto count = static_cast<std::int64_t>(searches);
  const WorkBuffer<std::uint32_t, Q> pixels(q, searches), rank(q, searches), key(q, searches), seen(q, searches),
      above(q, searches);
  const MedianSearches search{pixels.data(), rank.data(), key.data(), seen.data(), above.data()};
  MedianPixels of{pixels_of(regions), 0, set_count};
  for (std::size_t part = 0; part < kPartCount; ++part)
    of.set_masks |= static_cast<std::uint32_t>(sets[part]) << (8 * part);
  const Extent core = regions.planes.core.extent();
  fill_bytes(q, pixels.data(), 0, searches * sizeof(std::uint32_t));
  for_each_pixel(q, core, CountSetPixels{of, pixels.data()}, "counting pixels of sets");
  for_each_index(q, count, StartMedians{search}, "starting medians");
  for (int bit = 31; bit >= 0; --bit) {
    for_each_pixel(q, core, CountZeroBits{of, plane, search, bit}, "counting for medians");
    for_each_index(q, count, DecideBit{search, bit}, "narrowing medians");
  }
  for_each_pixel(q, core, LookAbove{of, plane, search}, "looking above medians");
  for_each_index(q, count, WriteMedians{search, medians.data()}, "writing medians");
  return medians;
}

}  // namespace hexaplex::detail
