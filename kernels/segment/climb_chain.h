#pragma once

#include "kernels/runtime/error.h"
#include "kernels/runtime/scan.h"
#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/climb_pixel.h"

namespace hexaplex::detail {

/// Walks from a pixel to its root, and counts the root. `root` holds the root's index for every pixel of a basin; where
/// a pixel is none of its own, `number` stays 0.
struct WalkToRoot {
  Plane<const std::uint8_t> pointers;
  std::uint32_t* root;
  std::uint32_t* number;

  HX_HD void operator()(int x, int y) const {
    const std::int64_t width = pointers.width(), here = y * width + x;
    const std::uint8_t own = pointers(x, y);
    number[here] = own == kClimbRoot ? 1 : 0;
    if (own == kClimbOutside) return;
    for (std::uint8_t to = own; to != kClimbRoot; to = pointers(x, y)) {
      x += to % 3 - 1;
      y += to / 3 - 1;
    }
    root[here] = static_cast<std::uint32_t>(y * width + x);
  }
};

/// Names a pixel after its root, whose number counts the roots before it. A root tells where it is.
struct NameBasin {
  Plane<const std::uint8_t> pointers;
  const std::uint32_t* root;
  const std::uint32_t* number;
  Plane<std::uint32_t> labels;
  std::int64_t* roots;

  HX_HD void operator()(int x, int y) const {
    const std::int64_t here = static_cast<std::int64_t>(y) * pointers.width() + x;
    const std::uint8_t to = pointers(x, y);
    labels(x, y) = to == kClimbOutside ? 0 : number[root[here]] + 1;
    if (to == kClimbRoot) roots[number[here]] = here;
  }
};

template <class Q>
void climb_pointers_chain(const Q& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                          Plane<std::uint8_t> pointers) {
  for_each_pixel(q, pointers.extent, ClimbPixel{landscape, mask, pointers}, "climbing");
}

/// Memory: 8 bytes a pixel.
template <class Q>
HostVector<std::int64_t> label_basins_chain(const Q& q, Plane<const std::uint8_t> pointers,
                                            Plane<std::uint32_t> labels) {
  const std::int64_t pixels = pointers.extent.area();
  HX_EXPECT(pixels < 0xffffffff, "a plane on the device must have fewer than 2^32 - 1 pixels");
  const WorkBuffer<std::uint32_t, Q> root(q, pixels), number(q, pixels), count(q, 1);
  for_each_pixel(q, pointers.extent, WalkToRoot{pointers, root.data(), number.data()}, "walking to roots");
  exclusive_scan(q, number.data(), pixels, count.data());
  HostVector<std::int64_t> roots(fetch(q, count.data()));
  const WorkBuffer<std::int64_t, Q> found(q, roots.size());
  for_each_pixel(q, pointers.extent, NameBasin{pointers, root.data(), number.data(), labels, found.data()},
                 "naming basins");
  fetch(q, found.data(), roots.data(), roots.size());
  return roots;
}

}  // namespace hexaplex::detail
