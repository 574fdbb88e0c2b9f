#pragma once

#include <algorithm>

#include "kernels/segment/device_region_graph.h"
#include "kernels/segment/region_graph_tile.h"

namespace hexaplex::detail {

/// RegionGraphBuilder in the memory of a queue: tiles in any order give the same graph.
template <class Q>
class RegionGraphChain {
 public:
  /// @param first_pairs  pairs that the first table holds at least: any gives the same graph
  RegionGraphChain(const Q& q, std::size_t regions, std::uint64_t first_pairs = 0)
      : q_(q), sums_(q, regions + 1), state_(q, 1), first_pairs_(first_pairs) {
    HX_EXPECT(regions < 0xffffffffu, "more regions than 32-bit labels");
    fill_bytes(q, sums_.data(), 0, sums_.size() * sizeof(RegionSums));
  }

  /// As RegionGraphBuilder::add, with all planes in the queue's memory. Waits for the queue: once, unless the first
  /// table was too small.
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
    // Connected regions of a plane have fewer than three contacts each; a pixel begins two at most.
    const auto most = static_cast<std::uint64_t>(2 * core.area());
    std::uint64_t pairs = first_pairs_ > 0 ? first_pairs_ : 3 * static_cast<std::uint64_t>(pixels.regions);
    pairs = std::min({pairs, most, kMostContacts});
    RegionSums* sums = sums_.data();
    for (;; pairs *= 4, sums = nullptr) {  // sums are right even where contacts were dropped
      WorkBuffer<ContactSlot, Q> own = free_contact_slots(q_, slots_for_contacts(pairs));
      fill_bytes(q_, state_.data(), 0, sizeof(GraphState));
      const BlockTiles tiles = BlockTiles::over(core.width, core.height, kGraphTileWidth, kGraphTileHeight);
      const ContactSlots slots = guessed_slots<Q>(own, &state_.data()->dropped);
      for_each_block(q_, tiles.count(), GraphTile{tiles, pixels, sums, slots, state_.data()}, "summing regions");
      const GraphState state = fetch(q_, state_.data());
      HX_EXPECT(state.stray == 0, "a label is larger than the number of regions");
      if (state.dropped == 0) return join(std::move(own), state.pairs);
    }
  }

  /// The graph; the builder is spent afterwards.
  DeviceRegionGraph<Q> finish() { return {std::move(sums_), std::move(slots_)}; }

 private:
  void join(WorkBuffer<ContactSlot, Q> own, std::uint64_t pairs) {
    pairs_ += pairs;  // or fewer, where both know a pair
    if (slots_.size() == 0) {
      slots_ = std::move(own);
      return;
    }
    if (slots_.size() < slots_for_contacts(pairs_)) {
      WorkBuffer<ContactSlot, Q> larger = free_contact_slots(q_, slots_for_contacts(2 * pairs_));
      move_slots(slots_, larger);
      slots_ = std::move(larger);
    }
    move_slots(own, slots_);
  }

  void move_slots(const WorkBuffer<ContactSlot, Q>& from, const WorkBuffer<ContactSlot, Q>& to) {
    for_each_index(q_, static_cast<std::int64_t>(from.size()), MoveSlots{from.data(), ample_slots<Q>(to)},
                   "joining contacts");
  }

  Q q_;
  WorkBuffer<RegionSums, Q> sums_;
  WorkBuffer<GraphState, Q> state_;
  std::uint64_t first_pairs_;
  WorkBuffer<ContactSlot, Q> slots_;
  std::uint64_t pairs_ = 0;  ///< in slots_ at most
};

template <class Q>
DeviceRegionGraph<Q> region_graph_chain(const Q& q, Plane<const std::uint32_t> labels, const RegionImages& images,
                                        std::size_t regions, std::uint64_t first_pairs = 0) {
  RegionGraphChain<Q> chain(q, regions, first_pairs);
  chain.add({0, 0, labels.width(), labels.height()}, labels, images, 0, 0);
  return chain.finish();
}

}  // namespace hexaplex::detail
