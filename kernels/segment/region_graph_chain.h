#pragma once

#include <algorithm>

#include "kernels/segment/contact_table.h"
#include "kernels/segment/device_region_graph.h"

namespace hexaplex::detail {

/// What both launches over the pixels of a core see.
struct GraphPixels {
  Rect core;
  Plane<const std::uint32_t> labels;  ///< of the whole image
  RegionImages images;                ///< of a window from (x0, y0) on
  int x0, y0;
  std::uint32_t regions;  ///< highest label

  HX_HD std::int64_t level(int x, int y) const { return images.level(x - x0, y - y0); }
  HX_HD std::int64_t linear(int x, int y) const { return images.linear(x - x0, y - y0); }
  HX_HD std::int64_t wall(int x, int y) const { return images.wall.data != nullptr ? images.wall(x - x0, y - y0) : 0; }
};

/// Adds a pixel to the sums of its label. `*stray` becomes 1 where a label is too large.
struct SumRegion {
  GraphPixels pixels;
  RegionSums* regions;
  std::uint32_t* stray;

  HX_HD void operator()(int core_x, int core_y) const {
    const int x = pixels.core.x + core_x, y = pixels.core.y + core_y;
    const std::uint32_t label = pixels.labels(x, y);
    if (label == 0) return;
    if (label > pixels.regions) {
      atomic_max(stray, std::uint32_t{1});
      return;
    }
    const std::int64_t u = x, v = y;
    RegionSums& r = regions[label];
    atomic_add(&r.area, std::int64_t{1});
    atomic_add(&r.x, u);
    atomic_add(&r.y, v);
    atomic_add(&r.xx, u * u);
    atomic_add(&r.yy, v * v);
    atomic_add(&r.xy, u * v);
    atomic_add(&r.level, pixels.level(x, y));
    if (pixels.images.wall.data != nullptr) atomic_add(&r.wall, pixels.wall(x, y));
    atomic_add(&r.linear, pixels.linear(x, y));
  }
};

/// Adds a pixel's contacts with its right and its lower neighbour.
struct CollectContacts {
  GraphPixels pixels;
  ContactSlots contacts;

  HX_HD void touch(std::uint32_t label, int x, int y, int to_x, int to_y) const {
    const std::uint32_t other = pixels.labels(to_x, to_y);
    if (other != 0 && other != label)
      contacts.add(label, other, 1, pixels.level(x, y) + pixels.level(to_x, to_y),
                   pixels.wall(x, y) + pixels.wall(to_x, to_y));
  }
  HX_HD void operator()(int core_x, int core_y) const {
    const int x = pixels.core.x + core_x, y = pixels.core.y + core_y;
    const std::uint32_t label = pixels.labels(x, y);
    if (label == 0) return;
    if (x + 1 < pixels.labels.width()) touch(label, x, y, x + 1, y);
    if (y + 1 < pixels.labels.height()) touch(label, x, y, x, y + 1);
  }
};

/// RegionGraphBuilder in the memory of a queue: tiles in any order give the same graph. Waits for the queue.
template <class Q>
class RegionGraphChain {
 public:
  /// @param first_pairs  pairs that the first table holds at least: any gives the same graph
  RegionGraphChain(const Q& q, std::size_t regions, std::uint64_t first_pairs = 0)
      : q_(q), sums_(q, regions + 1), stray_(q, 1), first_pairs_(first_pairs) {
    HX_EXPECT(regions < 0xffffffffu, "more regions than 32-bit labels");
    fill_bytes(q, sums_.data(), 0, sums_.size() * sizeof(RegionSums));
    fill_bytes(q, stray_.data(), 0, sizeof(std::uint32_t));
  }

  /// As RegionGraphBuilder::add, with all planes in the queue's memory.
  void add(Rect core, Plane<const std::uint32_t> labels, const RegionImages& images, int x0, int y0) {
    HX_EXPECT(images.linear.extent == images.level.extent &&
                  (images.wall.data == nullptr || images.wall.extent == images.level.extent),
              "the images' extents differ");
    HX_EXPECT(core.x >= 0 && core.y >= 0 && core.right() <= labels.width() && core.bottom() <= labels.height(),
              "the core must lie inside the image");
    HX_EXPECT(core.x >= x0 && core.y >= y0 && std::min(core.right() + 1, labels.width()) <= x0 + images.level.width() &&
                  std::min(core.bottom() + 1, labels.height()) <= y0 + images.level.height(),
              "the window must hold the core and one pixel more to the right and below");
    if (core.extent().empty()) return;
    const GraphPixels pixels{core, labels, images, x0, y0, static_cast<std::uint32_t>(sums_.size() - 1)};
    for_each_pixel(q_, core.extent(), SumRegion{pixels, sums_.data(), stray_.data()}, "summing regions");
    HX_EXPECT(fetch(q_, stray_.data()) == 0, "a label is larger than the number of regions");
    collect(pixels);
  }

  /// The graph; the builder is spent afterwards.
  DeviceRegionGraph<Q> finish() {
    DeviceRegionGraph<Q> graph;
    graph.contacts = gather_contacts(q_, table_, used_);
    graph.regions = std::move(sums_);
    return graph;
  }

 private:
  void collect(const GraphPixels& pixels) {
    // Connected regions of a plane have fewer than three contacts each; a pixel begins two at most.
    const auto most = static_cast<std::uint64_t>(2 * pixels.core.area());
    std::uint64_t pairs = first_pairs_ > 0 ? first_pairs_ : 3 * static_cast<std::uint64_t>(pixels.regions);
    for (pairs = std::min({pairs, most, kMostContacts});; pairs *= 2) {
      ContactTable<Q> own(q_, pairs);
      for_each_pixel(q_, pixels.core.extent(), CollectContacts{pixels, own.slots()}, "collecting contacts");
      const std::uint32_t used = own.used(q_);
      pairs = own.capacity();
      if (used <= pairs) return join(std::move(own), used);
    }
  }

  void join(ContactTable<Q> own, std::uint32_t used) {
    if (used_ == 0) {
      table_ = std::move(own);
      used_ = used;
      return;
    }
    const std::uint64_t together = static_cast<std::uint64_t>(used_) + used;
    if (table_.capacity() < together) {
      ContactTable<Q> larger(q_, 2 * together);
      move_slots(table_, larger);
      table_ = std::move(larger);
    }
    move_slots(own, table_);
    used_ = table_.used(q_);
  }

  void move_slots(const ContactTable<Q>& from, const ContactTable<Q>& to) {
    for_each_index(q_, from.slot_count(), MoveSlots{from.slots().slots, to.slots()}, "joining contacts");
  }

  Q q_;
  WorkBuffer<RegionSums, Q> sums_;
  WorkBuffer<std::uint32_t, Q> stray_;
  std::uint64_t first_pairs_;
  ContactTable<Q> table_;
  std::uint32_t used_ = 0;
};

template <class Q>
DeviceRegionGraph<Q> region_graph_chain(const Q& q, Plane<const std::uint32_t> labels, const RegionImages& images,
                                        std::size_t regions, std::uint64_t first_pairs = 0) {
  RegionGraphChain<Q> chain(q, regions, first_pairs);
  chain.add({0, 0, labels.width(), labels.height()}, labels, images, 0, 0);
  return chain.finish();
}

}  // namespace hexaplex::detail
