#pragma once

#include <cstring>

#include "kernels/measure/region_stats.h"
#include "kernels/runtime/atomics.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

/// Bits of a magnitude are in its order; what is not finite is above all that is.
HX_HD inline std::uint32_t magnitude_bits(float v) {
  std::uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits & 0x7fffffffu;
}
inline constexpr std::uint32_t kNotFinite = 0x7f800000u;

struct FindLargest {
  Plane<const float> plane;
  std::uint32_t* largest;
  HX_HD void operator()(int x, int y) const { atomic_max(largest, magnitude_bits(plane(x, y))); }
};

struct FindFirstNotFinite {
  Plane<const float> plane;
  std::uint64_t* first;
  HX_HD void operator()(int x, int y) const {
    if (magnitude_bits(plane(x, y)) >= kNotFinite)
      atomic_min(first, static_cast<std::uint64_t>(y) * static_cast<std::uint64_t>(plane.width()) +
                            static_cast<std::uint64_t>(x));
  }
};

template <class Q>
float largest_magnitude_chain(const Q& q, Plane<const float> plane) {
  const WorkBuffer<std::uint32_t, Q> largest(q, 1);
  fill_bytes(q, largest.data(), 0, sizeof(std::uint32_t));
  for_each_pixel(q, plane.extent, FindLargest{plane, largest.data()}, "looking for the largest magnitude");
  const std::uint32_t bits = fetch(q, largest.data());
  if (bits >= kNotFinite) {
    const WorkBuffer<std::uint64_t, Q> first(q, 1);
    fill_bytes(q, first.data(), 0xff, sizeof(std::uint64_t));
    for_each_pixel(q, plane.extent, FindFirstNotFinite{plane, first.data()}, "looking for what is not finite");
    const std::uint64_t at = fetch(q, first.data()), width = static_cast<std::uint64_t>(plane.width());
    throw_not_finite(static_cast<int>(at % width), static_cast<int>(at / width));
  }
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace hexaplex::detail
