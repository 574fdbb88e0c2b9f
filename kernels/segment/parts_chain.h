#pragma once

#include "kernels/runtime/error.h"
#include "kernels/runtime/scan.h"
#include "kernels/segment/components_chain.h"

namespace hexaplex::detail {

/// What holds pixels together: equal values, `background` left out.
template <class T>
struct EqualPixels {
  Plane<const T> image;
  T wanted;  ///< where `any`: the background, else the only value that counts
  bool any;
  HX_HD bool belongs(int x, int y) const { return any ? image(x, y) != wanted : image(x, y) == wanted; }
  HX_HD bool joined(int x, int y, int u, int v) const { return image(x, y) == image(u, v); }
};

template <class T>
struct StartParents {
  EqualPixels<T> rule;
  std::uint32_t* parent;
  HX_HD void operator()(int x, int y) const {
    const std::int64_t i = static_cast<std::int64_t>(y) * rule.image.width() + x;
    parent[i] = rule.belongs(x, y) ? static_cast<std::uint32_t>(i) : kNoParent;
  }
};

template <class T>
struct JoinToLeftAndUpper {
  EqualPixels<T> rule;
  std::uint32_t* parent;
  HX_HD void operator()(int x, int y) const {
    if (!rule.belongs(x, y)) return;
    const std::int64_t width = rule.image.width(), i = y * width + x;
    const auto here = static_cast<std::uint32_t>(i);
    if (x > 0 && rule.joined(x, y, x - 1, y)) unite(parent, here, static_cast<std::uint32_t>(i - 1));
    if (y > 0 && rule.joined(x, y, x, y - 1)) unite(parent, here, static_cast<std::uint32_t>(i - width));
  }
};

/// Puts every pixel under its root, and counts it there.
struct CountUnderRoot {
  std::uint32_t* parent;
  std::uint32_t* area;
  HX_HD void operator()(std::int64_t i) const {
    if (atomic_read(parent + i) == kNoParent) return;
    const std::uint32_t root = find_root(parent, static_cast<std::uint32_t>(i));
    atomic_min(parent + i, root);
    atomic_add(area + root, 1u);
  }
};

/// The first raster pixel of each pixel's component (kNoParent outside), and by that pixel the component's area.
template <class Q>
struct PixelComponents {
  WorkBuffer<std::uint32_t, Q> root, area;
};

template <class Q, class T>
PixelComponents<Q> find_components(const Q& q, const EqualPixels<T>& rule) {
  const std::int64_t pixels = rule.image.extent.area();
  HX_EXPECT(pixels < kNoParent, "a plane on the device must have fewer than 2^32 - 1 pixels");
  PixelComponents<Q> out{{q, static_cast<std::size_t>(pixels)}, {q, static_cast<std::size_t>(pixels)}};
  std::uint32_t *parent = out.root.data(), *area = out.area.data();
  fill_bytes(q, area, 0, static_cast<std::size_t>(pixels) * sizeof *area);
  for_each_pixel(q, rule.image.extent, StartParents<T>{rule, parent}, "starting components");
  for_each_pixel(q, rule.image.extent, JoinToLeftAndUpper<T>{rule, parent}, "joining components");
  for_each_index(q, pixels, CountUnderRoot{parent, area}, "counting components");
  return out;
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
