#pragma once

#include "kernels/intensity/histogram.h"
#include "kernels/runtime/atomics.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

HX_HD inline std::uint16_t histogram_key(std::uint16_t v) {
  return v;
}
HX_HD inline std::uint16_t histogram_key(float v) {
  return float_key(v);
}

template <class T>
struct CountPixel {
  Plane<const T> src;
  std::int64_t* bins;
  HX_HD void operator()(int x, int y) const { atomic_add(&bins[histogram_key(src(x, y))], std::int64_t{1}); }
};

/// Memory: 512 KiB.
template <class Q, class T>
void add_to_histogram_chain(const Q& q, Plane<const T> src, Histogram16& h) {
  const WorkBuffer<std::int64_t, Q> bins(q, h.size());
  fill_bytes(q, bins.data(), 0, h.size() * sizeof(std::int64_t));
  for_each_pixel(q, src.extent, CountPixel<T>{src, bins.data()}, "counting values");
  Histogram16 found(h.size());
  fetch(q, bins.data(), found.data(), found.size());
  for (std::size_t i = 0; i < h.size(); ++i) h[i] += found[i];
}

}  // namespace hexaplex::detail
