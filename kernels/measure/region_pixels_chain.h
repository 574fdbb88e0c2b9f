#pragma once

#include "kernels/measure/border_band.h"
#include "kernels/measure/plane_maximum.h"
#include "kernels/measure/region_borders.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/scan.h"

namespace hexaplex::detail {

struct HighestLabel {
  static constexpr int kThreads = PlaneMaximum::kThreads;
  using Shared = PlaneMaximum::Shared;
  Plane<const std::uint32_t> labels;  ///< of the core
  BlockTiles tiles;
  std::uint32_t* highest;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    PerThread<std::uint32_t, kThreads> found;
    block.each_thread([&](int t) {
      found[t] = PlaneMaximum::of_column(labels, tiles.left(block.index), tiles.top(block.index), t,
                                         [](std::uint32_t label) { return label; });
    });
    const std::uint32_t most = PlaneMaximum::of_block(block, s, found);
    block.each_thread([&](int t) {
      if (t == 0) atomic_max(highest, most);
    });
  }
};

/// A thread goes down a column, and marks a label where it begins.
struct MarkLabels {
  static constexpr int kColumn = 16;  ///< pixels
  Plane<const std::uint32_t> labels;
  std::uint32_t* occurs;
  HX_HD void operator()(int x, int piece) const {
    std::uint32_t last = 0;
    const int begin = piece * kColumn;
    for (int y = begin; y < begin + kColumn && y < labels.height(); ++y) {
      const std::uint32_t label = labels(x, y);
      if (label != last && label != 0) atomic_max(&occurs[label], std::uint32_t{1});
      last = label;
    }
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

struct NumberLabels {
  std::uint32_t* labels;
  HX_HD void operator()(std::int64_t i) const { labels[i] = static_cast<std::uint32_t>(i) + 1; }
};

/// Finds the labels that occur, and gives each its row. Waits twice.
template <class Q>
void list_labels(const Q& q, DeviceRegions<Q>& out) {
  const Rect core = out.planes.core;
  const Plane<const std::uint32_t> planes[] = {out.planes.outer.window(core), out.planes.inner.extent.empty()
                                                                                  ? out.planes.outer.window(core)
                                                                                  : out.planes.inner.window(core)};
  const int plane_count = out.planes.inner.extent.empty() ? 1 : 2;
  const WorkBuffer<std::uint32_t, Q> count(q, 1);
  fill_bytes(q, count.data(), 0, sizeof(std::uint32_t));
  const BlockTiles tiles = PlaneMaximum::over(core.extent());
  for (int i = 0; i < plane_count; ++i)
    for_each_block(q, tiles.count(), HighestLabel{planes[i], tiles, count.data()}, "looking for the highest label");
  const std::int64_t numbers = static_cast<std::int64_t>(fetch(q, count.data())) + 1;
  out.row = WorkBuffer<std::uint32_t, Q>(q, static_cast<std::size_t>(numbers) + 1);
  fill_bytes(q, out.row.data(), 0, out.row.size() * sizeof(std::uint32_t));
  const Extent columns{core.width, (core.height - 1) / MarkLabels::kColumn + 1};
  for (int i = 0; i < plane_count; ++i)
    for_each_pixel(q, columns, MarkLabels{planes[i], out.row.data()}, "marking labels");
  exclusive_scan(q, out.row.data(), numbers + 1, count.data());
  out.labels = WorkBuffer<std::uint32_t, Q>(q, fetch(q, count.data()));
  for_each_index(q, numbers, ListLabels{out.row.data(), out.labels.data()}, "listing labels");
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
  out.stray = WorkBuffer<std::uint32_t, Q>(q, 1);
  fill_bytes(q, out.stray.data(), 0, sizeof(std::uint32_t));
  if (planes.consecutive > 0) {
    out.labels = WorkBuffer<std::uint32_t, Q>(q, planes.consecutive);
    for_each_index(q, planes.consecutive, NumberLabels{out.labels.data()}, "numbering labels");
  } else {
    list_labels(q, out);
  }
  if (planes.reach2_px > 0) {
    out.border = WorkBuffer<std::uint8_t, Q>(q, static_cast<std::size_t>(core.area()));
    find_borders(q, planes, out.border.data());
  }
  return out;
}

}  // namespace hexaplex::detail
