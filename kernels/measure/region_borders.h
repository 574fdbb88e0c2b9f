#pragma once

#include "kernels/measure/region_labels.h"
#include "kernels/runtime/atomics.h"

namespace hexaplex::detail {

/// Finds the pixels of a tile that lie near the border of their region, in disks that do not reach beyond its halo.
struct FindNearBorders {
  static constexpr int kThreads = 256;
  static constexpr int kWidth = 64, kHeight = 32, kHalo = 4;  ///< pixels
  static constexpr int kColumn = kWidth * kHeight / kThreads;
  static constexpr int kAcross = kWidth + 2 * kHalo, kDown = kHeight + 2 * kHalo;

  struct Shared {
    std::uint32_t one[kAcross * kDown];    ///< the outer label, or the inner one where that is 0; 0: of no region
    std::uint32_t other[kAcross * kDown];  ///< the inner label where both are, or else the same
    std::uint32_t mixed;                   ///< not 0: they differ somewhere
  };

  RegionLabels labels;
  Extent image;
  int origin_x, origin_y;
  int reach;                  ///< rows of the disk above its middle, at most kHalo
  int half_width[kHalo + 1];  ///< of the disk, by |dy|
  std::uint8_t* border;
  BlockTiles tiles;

  static bool reaches(int reach2_px) { return reach2_px < (kHalo + 1) * (kHalo + 1); }
  void set_disk(int reach2_px) {
    reach = 0;
    for (int dy = 0; dy <= kHalo && dy * dy <= reach2_px; ++dy) {
      reach = dy;
      half_width[dy] = 0;
      while ((half_width[dy] + 1) * (half_width[dy] + 1) + dy * dy <= reach2_px) ++half_width[dy];
    }
  }

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      if (t == 0) s.mixed = 0;
    });
    block.each_thread([&](int t) {
      std::uint32_t mixed = 0;
      for (int i = t; i < kAcross * kDown; i += kThreads) mixed |= read(left, top, i, s);
      if (mixed != 0) atomic_add(&s.mixed, 1u);
    });
    const bool mixed = s.mixed != 0;
    block.each_thread([&](int t) {
      for (int k = 0; k < kColumn; ++k) {
        const int dx = t % kWidth, dy = t / kWidth * kColumn + k;
        if (left + dx >= labels.core.width || top + dy >= labels.core.height) return;
        const int at = (dy + kHalo) * kAcross + dx + kHalo;
        const unsigned near = mixed ? near_in_two(s, at) : near_in_one(s, at);
        border[static_cast<std::int64_t>(top + dy) * labels.core.width + left + dx] = static_cast<std::uint8_t>(near);
      }
    });
  }

 private:
  /// What lies outside the image is as the pixel next to it, which is nearer to all that look.
  HX_HD static int clamped(int at, int origin, int size) {
    return at + origin < 0 ? -origin : at + origin >= size ? size - 1 - origin : at;
  }

  HX_HD std::uint32_t read(int left, int top, int i, Shared& s) const {
    const int x = clamped(labels.core.x + left - kHalo + i % kAcross, origin_x, image.width);
    const int y = clamped(labels.core.y + top - kHalo + i / kAcross, origin_y, image.height);
    std::uint32_t outer = 0, inner = 0;  // what lies in the image and not in the window is of no region
    if (x >= 0 && y >= 0 && x < labels.outer.width() && y < labels.outer.height()) {
      outer = labels.outer(x, y);
      inner = labels.inner(x, y);
    }
    const std::uint32_t one = outer != 0 ? outer : inner, other = inner != 0 ? inner : one;
    s.one[i] = one;
    s.other[i] = other;
    return one ^ other;
  }

  HX_HD unsigned near_in_one(const Shared& s, int at) const {
    const std::uint32_t label = s.one[at];
    if (label == 0) return 0;
    std::uint32_t foreign = 0;
    for (int dy = -reach; dy <= reach; ++dy) {
      const int width = half_width[dy < 0 ? -dy : dy];
      for (int dx = -width; dx <= width; ++dx) foreign |= s.one[at + dy * kAcross + dx] ^ label;
    }
    return foreign != 0 ? 3u : 0u;
  }

  HX_HD unsigned near_in_two(const Shared& s, int at) const {
    const std::uint32_t outer = s.one[at], inner = s.other[at];
    if (outer == 0) return 0;
    unsigned near = 0;
    for (int dy = -reach; dy <= reach; ++dy) {
      const int width = half_width[dy < 0 ? -dy : dy];
      for (int dx = -width; dx <= width; ++dx) {
        const std::uint32_t one = s.one[at + dy * kAcross + dx], other = s.other[at + dy * kAcross + dx];
        if (one != inner && other != inner) near |= 1u;
        if (one != outer && other != outer) near |= 2u;
      }
    }
    return near;
  }
};

/// Looks for a pixel that is foreign to the region of this one, in a disk of any size around it.
struct FindFarBorders {
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

template <class Q>
void find_borders(const Q& q, const RegionPlanes& p, std::uint8_t* border) {
  const RegionLabels labels = labels_of(p);
  const Extent core = p.core.extent();
  if (!FindNearBorders::reaches(p.reach2_px)) {
    for_each_pixel(q, core, FindFarBorders{labels, p.image, p.origin_x, p.origin_y, p.reach2_px, border},
                   "finding borders of regions");
    return;
  }
  const BlockTiles tiles = BlockTiles::over(core.width, core.height, FindNearBorders::kWidth, FindNearBorders::kHeight);
  FindNearBorders near{labels, p.image, p.origin_x, p.origin_y, 0, {}, border, tiles};
  near.set_disk(p.reach2_px);
  for_each_block(q, tiles.count(), near, "finding borders of regions");
}

}  // namespace hexaplex::detail
