#pragma once

#include "kernels/runtime/scan.h"
#include "kernels/segment/components_chain.h"

namespace hexaplex::detail {

/// Least whole number of pixels that is not below a size: areas are whole, so this decides alike.
inline std::uint32_t least_area(double smallest_px) {
  if (!(smallest_px > 0)) return 0;
  if (smallest_px >= 4294967295.0) return 0xffffffffu;
  const auto floor = static_cast<std::uint32_t>(smallest_px);
  return floor + (smallest_px > floor ? 1 : 0);
}

struct FlipSmall {
  Plane<std::uint8_t> mask;
  const std::uint32_t* root;
  const std::uint32_t* area;
  std::uint32_t least;
  std::uint8_t flipped;
  HX_HD void operator()(int x, int y) const {
    const std::uint32_t r = root[static_cast<std::int64_t>(y) * mask.width() + x];
    if (r != kNoParent && area[r] < least) mask(x, y) = flipped;
  }
};

template <class Q>
void drop_small_components_chain(const Q& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px) {
  const PixelComponents<Q> parts = find_components(q, EqualPixels<std::uint8_t>{mask, value, false});
  for_each_pixel(q, mask.extent,
                 FlipSmall{mask, parts.root.data(), parts.area.data(), least_area(smallest_px),
                           static_cast<std::uint8_t>(1 - value)},
                 "dropping small components");
}

struct HighestInRow {
  Plane<const std::uint32_t> labels;
  std::uint32_t* highest;
  HX_HD void operator()(std::int64_t row) const {
    const std::uint32_t* line = labels.row(static_cast<int>(row));
    std::uint32_t most = 0;
    for (int x = 0; x < labels.width(); ++x) most = line[x] > most ? line[x] : most;
    atomic_max(highest, most);
  }
};

template <class Q>
std::uint32_t highest_label_chain(const Q& q, Plane<const std::uint32_t> labels) {
  const WorkBuffer<std::uint32_t, Q> highest(q, 1);
  fill_bytes(q, highest.data(), 0, sizeof(std::uint32_t));
  for_each_index(q, labels.height(), HighestInRow{labels, highest.data()}, "finding the highest label");
  return fetch(q, highest.data());
}

/// Sorts parts of a label: the larger first, of equals the one that comes first.
HX_HD inline std::uint64_t part_key(std::uint32_t area, std::uint32_t root) {
  return static_cast<std::uint64_t>(area) << 32 | (0xffffffffu - root);
}

struct NameLargest {
  Plane<const std::uint32_t> labels;
  const std::uint32_t* root;
  const std::uint32_t* area;
  std::uint64_t* largest;  ///< by label
  HX_HD void operator()(int x, int y) const {
    const std::int64_t i = static_cast<std::int64_t>(y) * labels.width() + x;
    if (root[i] == i) atomic_max(largest + labels(x, y), part_key(area[i], root[i]));
  }
};

struct MarkKept {
  Plane<const std::uint32_t> labels;
  const std::uint32_t* root;
  const std::uint32_t* area;
  const std::uint64_t* largest;
  std::uint32_t least;
  std::uint32_t* number;  ///< 1 at the first pixel of each part that stays
  HX_HD void operator()(int x, int y) const {
    const std::int64_t i = static_cast<std::int64_t>(y) * labels.width() + x;
    number[i] = root[i] == i && area[i] >= least && largest[labels(x, y)] == part_key(area[i], root[i]) ? 1 : 0;
  }
};

struct NumberKept {
  Plane<std::uint32_t> labels;
  const std::uint32_t* root;
  const std::uint32_t* number;  ///< of parts that stay before each pixel
  const std::uint32_t* count;
  std::int64_t pixels;
  HX_HD void operator()(int x, int y) const {
    const std::uint32_t r = root[static_cast<std::int64_t>(y) * labels.width() + x];
    if (r == kNoParent) return;
    const std::uint32_t after = r + 1 < pixels ? number[r + 1] : *count;
    labels(x, y) = after > number[r] ? after : 0;
  }
};

template <class Q>
std::uint32_t keep_largest_parts_chain(const Q& q, Plane<std::uint32_t> labels, double smallest_px) {
  const std::int64_t pixels = labels.extent.area();
  const PixelComponents<Q> parts = find_components(q, EqualPixels<std::uint32_t>{labels, 0, true});
  const std::uint32_t *root = parts.root.data(), *area = parts.area.data();
  const std::size_t names = static_cast<std::size_t>(highest_label_chain<Q>(q, labels)) + 1;
  const WorkBuffer<std::uint64_t, Q> largest(q, names);
  fill_bytes(q, largest.data(), 0, names * sizeof(std::uint64_t));
  for_each_pixel(q, labels.extent, NameLargest{labels, root, area, largest.data()}, "finding largest parts");
  const WorkBuffer<std::uint32_t, Q> number(q, static_cast<std::size_t>(pixels)), count(q, 1);
  for_each_pixel(q, labels.extent, MarkKept{labels, root, area, largest.data(), least_area(smallest_px), number.data()},
                 "choosing parts");
  exclusive_scan(q, number.data(), pixels, count.data());
  for_each_pixel(q, labels.extent, NumberKept{labels, root, number.data(), count.data(), pixels}, "numbering parts");
  return fetch(q, count.data());
}

struct RenamePixel {
  Plane<std::uint32_t> labels;
  const std::uint32_t* name;
  HX_HD void operator()(int x, int y) const { labels(x, y) = name[labels(x, y)]; }
};

}  // namespace hexaplex::detail
