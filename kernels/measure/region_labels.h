#pragma once

#include "kernels/measure/device_regions.h"
#include "kernels/runtime/unrolled.h"

namespace hexaplex::detail {

/// The labels of a pixel: a region is the union of the pixels that carry its label in either plane.
struct RegionLabels {
  Plane<const std::uint32_t> outer, inner_or_none;
  Rect core;

  HX_HD std::uint32_t inner(int x, int y) const { return inner_or_none.data != nullptr ? inner_or_none(x, y) : 0; }
  HX_HD bool is_of(std::uint32_t label, int x, int y) const { return outer(x, y) == label || inner(x, y) == label; }
};

inline RegionLabels labels_of(const RegionPlanes& p) {
  RegionLabels labels{p.outer, p.inner, p.core};
  if (p.inner.extent.empty()) labels.inner_or_none = {};
  return labels;
}

/// What tells in which region and part a pixel counts: in one for its inner label, in another for its outer one where
/// that differs.
struct RegionPixels {
  RegionLabels labels;
  std::uint32_t highest;       ///< label that is a region's
  const std::uint32_t* row;    ///< null: label 1 has row 0, and so on
  const std::uint8_t* border;  ///< null: no pixel is near a border
  std::uint32_t* stray;        ///< raised where a label is above the highest

  HX_HD std::int64_t row_of(std::uint32_t label) const { return row != nullptr ? row[label] : label - 1; }

  struct Labels {
    std::uint32_t outer, inner;
    unsigned near;  ///< of DeviceRegions::border
  };
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
};

template <class Q>
RegionPixels pixels_of(const DeviceRegions<Q>& regions) {
  const bool numbered = regions.planes.consecutive > 0;
  return {labels_of(regions.planes), numbered ? regions.planes.consecutive : 0xffffffffu, regions.row.data(),
          regions.border.data(), regions.stray.data()};
}

}  // namespace hexaplex::detail
