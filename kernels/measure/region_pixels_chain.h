#pragma once

#include "kernels/measure/border_band.h"
#include "kernels/measure/device_regions.h"
#include "kernels/runtime/atomics.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/scan.h"
#include "kernels/runtime/unrolled.h"

namespace hexaplex::detail {

/// The labels of a pixel: a region is the union of the pixels that carry its label in either plane.
struct RegionLabels {
  Plane<const std::uint32_t> outer, inner_or_none;
  Rect core;

  HX_HD std::uint32_t inner(int x, int y) const { return inner_or_none.data != nullptr ? inner_or_none(x, y) : 0; }
  HX_HD bool is_of(std::uint32_t label, int x, int y) const { return outer(x, y) == label || inner(x, y) == label; }
};

struct HighestLabel {
  RegionLabels labels;
  std::uint32_t* highest;
  HX_HD void operator()(int core_x, int core_y) const {
    const int x = labels.core.x + core_x, y = labels.core.y + core_y;
    atomic_max(highest, labels.outer(x, y));
    atomic_max(highest, labels.inner(x, y));
  }
};

struct MarkLabels {
  RegionLabels labels;
  std::uint32_t* occurs;
  HX_HD void operator()(int core_x, int core_y) const {
    const int x = labels.core.x + core_x, y = labels.core.y + core_y;
    const std::uint32_t outer = labels.outer(x, y), inner = labels.inner(x, y);
    if (outer != 0) atomic_max(&occurs[outer], std::uint32_t{1});
    if (inner != 0) atomic_max(&occurs[inner], std::uint32_t{1});
  }
};

/// `row[label]` counts the labels below: it grows behind those that occur.
struct ListLabels {
  const std::uint32_t* row;
  std::uint32_t* labels;
  HX_HD void operator()(std::int64_t label) const {
    if (row[label + 1] != row[label]) labels[row[label]] = static_cast<std::uint32_t>(label);
  }
};

/// Looks for a pixel that is foreign to the region of this one, in the disk around it.
struct FindBorders {
  RegionLabels labels;
  Extent image;
  int origin_x, origin_y, reach2_px;
  std::uint8_t* border;

  HX_HD bool is_near_border(std::uint32_t label, int x, int y) const {
    for (int dy = 0; dy * dy <= reach2_px; ++dy)
      for (int dx = 0; dx * dx + dy * dy <= reach2_px; ++dx)
        if (is_foreign(label, x + dx, y + dy) || is_foreign(label, x - dx, y + dy) ||
            is_foreign(label, x + dx, y - dy) || is_foreign(label, x - dx, y - dy))
          return true;
    return false;
  }
  HX_HD bool is_foreign(std::uint32_t label, int x, int y) const {
    if (x + origin_x < 0 || y + origin_y < 0 || x + origin_x >= image.width || y + origin_y >= image.height)
      return false;
    // What lies in the image and not in the window is not known to be of the region.
    if (x < 0 || y < 0 || x >= labels.outer.width() || y >= labels.outer.height()) return true;
    return !labels.is_of(label, x, y);
  }
  HX_HD void operator()(int core_x, int core_y) const {
    const int x = labels.core.x + core_x, y = labels.core.y + core_y;
    const std::uint32_t outer = labels.outer(x, y), inner = labels.inner(x, y);
    unsigned found = 0;
    if (inner != 0 && is_near_border(inner, x, y)) found |= 1u;
    if (outer != 0 && outer != inner && is_near_border(outer, x, y)) found |= 2u;
    border[static_cast<std::int64_t>(core_y) * labels.core.width + core_x] = static_cast<std::uint8_t>(found);
  }
};

/// Where a pixel counts: in one row and part for its inner label, in another for its outer one where that differs.
struct RegionPixels {
  RegionLabels labels;
  const std::uint32_t* row;
  const std::uint8_t* border;  ///< null: no pixel is near a border

  struct Labels {
    std::uint32_t outer, inner;
    unsigned near;  ///< of DeviceRegions::border
  };
  HX_HD Labels labels_at(int core_x, int core_y) const {
    const int x = labels.core.x + core_x, y = labels.core.y + core_y;
    const unsigned near =
        border != nullptr ? border[static_cast<std::int64_t>(core_y) * labels.core.width + core_x] : 0u;
    return {labels.outer(x, y), labels.inner(x, y), near};
  }

  /// Pixels one below the other.
  template <int kPixels>
  struct Column {
    std::uint32_t outer[kPixels], inner[kPixels];
    std::uint32_t near;  ///< two bits each
    HX_HD Labels operator[](int k) const { return {outer[k], inner[k], near >> (2 * k) & 3u}; }
  };
  /// What lies outside the core has label 0.
  template <int kPixels>
  HX_HD Column<kPixels> column_at(int core_x, int core_y) const {
    static_assert(kPixels <= 16);
    const Rect& core = labels.core;
    const int inside = core_x < core.width ? core.height - core_y : 0;
    const int x = core_x < core.width ? core_x : core.width - 1;
    const auto line = [&](int k) {  // read, whatever becomes of it: loads behind no branch are under way together
      return core_y + k < core.height ? core_y + k : core.height - 1;
    };
    Column<kPixels> to;
    to.near = 0;
    if (border != nullptr)
      unrolled<kPixels>([&](int k) {
        to.near |= std::uint32_t{border[static_cast<std::int64_t>(line(k)) * core.width + x]} << (2 * k);
      });
    unrolled<kPixels>([&](int k) { to.outer[k] = labels.outer(core.x + x, core.y + line(k)); });
    if (labels.inner_or_none.data != nullptr)
      unrolled<kPixels>([&](int k) { to.inner[k] = labels.inner_or_none(core.x + x, core.y + line(k)); });
    else
      unrolled<kPixels>([&](int k) { to.inner[k] = 0; });
    unrolled<kPixels>([&](int k) {
      if (k >= inside) to.outer[k] = to.inner[k] = 0;
    });
    return to;
  }

  struct Place {
    std::int64_t row;  ///< negative: nowhere
    unsigned part;
  };
  /// @param side  0: of the inner label, 1: of the outer
  HX_HD Place place(int core_x, int core_y, int side) const {
    const auto [outer, inner, near] = labels_at(core_x, core_y);
    const std::uint32_t label = side == 0 ? inner : outer;
    if (label == 0 || (side == 1 && outer == inner)) return {-1, 0};
    const unsigned part = (side == 0 ? kInnerPart : 0u) | ((near >> side & 1u) != 0 ? kBorderPart : 0u);
    return {row[label], part};
  }
};

inline RegionLabels labels_of(const RegionPlanes& p) {
  RegionLabels labels{p.outer, p.inner, p.core};
  if (p.inner.extent.empty()) labels.inner_or_none = {};
  return labels;
}

template <class Q>
RegionPixels pixels_of(const DeviceRegions<Q>& regions) {
  return {labels_of(regions.planes), regions.row.data(), regions.border.data()};
}

template <class Q>
DeviceRegions<Q> regions_chain(const Q& q, const RegionPlanes& planes) {
  const Rect core = planes.core;
  HX_EXPECT(planes.inner.extent.empty() || planes.inner.extent == planes.outer.extent,
            "the label planes differ in extent");
  HX_EXPECT(planes.reach2_px >= 0 && planes.reach2_px <= BorderBand::kMaxReach * BorderBand::kMaxReach,
            "the border band is at most 64 pixels wide");
  HX_EXPECT(core.x >= 0 && core.y >= 0 && core.width >= 0 && core.height >= 0 && core.right() <= planes.outer.width() &&
                core.bottom() <= planes.outer.height(),
            "the core must lie inside the label planes");
  HX_EXPECT(core.area() <= 0x7fffffff, "a core on the device must have fewer than 2^31 pixels");
  DeviceRegions<Q> out;
  out.planes = planes;
  if (core.extent().empty()) return out;
  const RegionLabels labels = labels_of(planes);
  const WorkBuffer<std::uint32_t, Q> count(q, 1);
  fill_bytes(q, count.data(), 0, sizeof(std::uint32_t));
  for_each_pixel(q, core.extent(), HighestLabel{labels, count.data()}, "looking for the highest label");
  const std::int64_t numbers = static_cast<std::int64_t>(fetch(q, count.data())) + 1;
  out.row = WorkBuffer<std::uint32_t, Q>(q, static_cast<std::size_t>(numbers) + 1);
  fill_bytes(q, out.row.data(), 0, out.row.size() * sizeof(std::uint32_t));
  for_each_pixel(q, core.extent(), MarkLabels{labels, out.row.data()}, "marking labels");
  exclusive_scan(q, out.row.data(), numbers + 1, count.data());
  out.labels = WorkBuffer<std::uint32_t, Q>(q, fetch(q, count.data()));
  for_each_index(q, numbers, ListLabels{out.row.data(), out.labels.data()}, "listing labels");
  if (planes.reach2_px > 0) {
    out.border = WorkBuffer<std::uint8_t, Q>(q, static_cast<std::size_t>(core.area()));
    for_each_pixel(
        q, core.extent(),
        FindBorders{labels, planes.image, planes.origin_x, planes.origin_y, planes.reach2_px, out.border.data()},
        "finding borders of regions");
  }
  return out;
}

}  // namespace hexaplex::detail
