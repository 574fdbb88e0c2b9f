#pragma once

#include <algorithm>

#include "kernels/segment/contact_table.h"
#include "kernels/segment/device_region_graph.h"
#include "kernels/segment/merge_odds.h"

namespace hexaplex::detail {

// The host never waits between rounds: all of them are launched, and a launch returns at once where a round before has
// merged nothing. Contacts are renamed from one hash table into another and back. A contact whose regions have not
// changed takes its odds along.

/// What launches tell each other, and at last the host.
struct MergeState {
  std::uint32_t wrong;   ///< 1: a contact of a region that is not there, 2: of two without pixels
  std::uint32_t merged;  ///< the last round that merged something, numbered from 1
  std::uint32_t before;  ///< the same, as it was before a round's joining: that writes `merged` while it goes on
};

/// The best contact of a region so far, as numbers that grow with the odds and fall with the pair.
struct BestContact {
  std::uint64_t odds;  ///< bits of the largest positive odds; 0: none
  std::uint64_t pair;  ///< key of the lowest contact with those odds
};
inline constexpr std::uint64_t kNoPair = ~std::uint64_t{0};
inline constexpr std::uint64_t kUnknownOdds = ~std::uint64_t{0};  ///< of a contact that is not weighed yet

/// Bits of positive doubles are in the order of the doubles.
HX_HD inline std::uint64_t odds_key(double odds) {
  std::uint64_t bits = 0;
  if (odds > 0) memcpy(&bits, &odds, sizeof bits);
  return bits;
}

/// By label.
struct MergeRegions {
  std::uint32_t count;
  RegionSums* sums;
  MergeRegion* described;
  BestContact* best;
  std::uint32_t* into;     ///< the label that it has become in its last round
  std::uint32_t* changed;  ///< the last round that changed it, numbered from 1
};

/// A table of contacts and, by slot, the bits of their odds.
struct WeighedSlots {
  ContactSlots table;
  std::uint64_t* odds;
};

/// What every launch of a round sees.
struct MergeRound {
  std::uint32_t round;  ///< from 1
  MergeRegions regions;
  WeighedSlots contacts;
  MergeState* state;

  HX_HD bool is_on() const { return state->wrong == 0 && state->merged + 1 >= round; }
  HX_HD bool was_on() const { return state->wrong == 0 && state->before + 1 >= round; }
};

/// Makes everything ready, and checks what merge_regions asks of contacts.
struct BeginMerging {
  MergeRegions regions;
  WeighedSlots contacts;
  MergeParams params;
  MergeState* state;
  HX_HD void operator()(std::int64_t at) const {
    if (at < regions.count) {
      const RegionSums& s = regions.sums[at];
      regions.described[at] = at > 0 && s.area > 0 ? describe(s, params) : MergeRegion{0, 0, 0, 0};
      regions.best[at] = {0, kNoPair};
      regions.into[at] = static_cast<std::uint32_t>(at);
      regions.changed[at] = 0;
    }
    if (at < contacts.table.count) {
      contacts.odds[at] = kUnknownOdds;
      const ContactSlot& c = contacts.table.slots[at];
      if (c.key == 0) return;
      const std::uint32_t i = c.first(), j = c.second();
      if (i == 0 || i >= j || j >= regions.count)
        atomic_max(&state->wrong, std::uint32_t{1});
      else if (regions.sums[i].area + regions.sums[j].area <= 0)
        atomic_max(&state->wrong, std::uint32_t{2});
    }
  }
};

struct WeighContacts {
  MergeRound of;
  MergeParams params;
  HX_HD void operator()(std::int64_t k) const {
    if (!of.is_on()) return;
    const ContactSlot& c = of.contacts.table.slots[k];
    std::uint64_t key = of.contacts.odds[k];
    if (c.key == 0) {
      of.contacts.odds[k] = 0;  // so that what follows need not look at free slots
      return;
    }
    if (key == kUnknownOdds) {
      const MergeRegion* const regions = of.regions.described;
      key = odds_key(log_odds(c.contact(), regions[c.first()], regions[c.second()], params));
      of.contacts.odds[k] = key;
    }
    if (key == 0) return;
    atomic_max(&of.regions.best[c.first()].odds, key);
    atomic_max(&of.regions.best[c.second()].odds, key);
  }
};

/// Ties go to the lower pair.
struct BreakTies {
  MergeRound of;
  HX_HD void operator()(std::int64_t k) const {
    if (k == 0) of.state->before = of.state->merged;
    if (!of.is_on()) return;
    const std::uint64_t odds = of.contacts.odds[k];
    if (odds == 0) return;
    const std::uint64_t pair = of.contacts.table.slots[k].key;
    for (const std::uint64_t end : {pair >> 32, pair & 0xffffffffu}) {
      BestContact& best = of.regions.best[end];
      if (best.odds == odds) atomic_min(&best.pair, pair);
    }
  }
};

/// Regions that name each other become one. A region names one contact, so no two of these meet in a region.
struct JoinMutualPairs {
  MergeRound of;
  MergeParams params;
  HX_HD void operator()(std::int64_t k) const {
    if (!of.was_on()) return;
    if (of.contacts.odds[k] == 0) return;
    const ContactSlot& c = of.contacts.table.slots[k];
    const std::uint32_t i = c.first(), j = c.second();
    const MergeRegions& r = of.regions;
    if (r.best[i].pair != c.key || r.best[j].pair != c.key) return;
    RegionSums joint = r.sums[i];
    joint.add(r.sums[j]);
    r.sums[i] = joint;
    r.sums[j] = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    r.described[i] = describe(joint, params);
    r.into[j] = i;
    r.changed[i] = r.changed[j] = of.round;
    atomic_max(&of.state->merged, of.round);
  }
};

/// Moves contacts to where the next round looks for them, and leaves their slots free and the regions without a best.
struct RenameContacts {
  MergeRound of;
  WeighedSlots to;
  HX_HD void operator()(std::int64_t at) const {
    if (of.state->wrong != 0 || of.state->merged < of.round) return;
    if (at < of.regions.count) of.regions.best[at] = {0, kNoPair};
    if (at >= of.contacts.table.count) return;
    const std::uint64_t odds = of.contacts.odds[at];
    of.contacts.odds[at] = kUnknownOdds;
    const ContactSlot c = of.contacts.table.slots[at];
    if (c.key == 0) return;
    of.contacts.table.slots[at] = {0, 0, 0, 0};
    const std::uint32_t i = of.regions.into[c.first()], j = of.regions.into[c.second()];
    if (i == j) return;
    bool fresh;
    const std::uint32_t place = to.table.find(contact_key(i, j), fresh);
    if (of.regions.changed[c.first()] == of.round || of.regions.changed[c.second()] == of.round)
      return to.table.add_at(place, c.length, c.level, c.wall);
    // Where neither region has changed no other contact comes to the same slot.
    to.table.put_at(place, c.length, c.level, c.wall);
    to.odds[place] = odds;
  }
};

/// A label only ever moves to a lower one, so every chain of merges ends.
struct FollowMerges {
  const std::uint32_t* into;
  std::uint32_t* survivor;
  HX_HD void operator()(std::int64_t i) const {
    auto at = static_cast<std::uint32_t>(i);
    while (into[at] != at) at = into[at];
    survivor[i] = at;
  }
};

template <class Q>
WorkBuffer<std::uint32_t, Q> merge_regions_chain(const Q& q, DeviceRegionGraph<Q>& graph, const MergeParams& p) {
  HX_EXPECT(is_sound(p), kMergeParamsError);
  const std::size_t n = graph.regions.size(), slots = graph.contacts.size();
  HX_EXPECT(n < 0xffffffffu && slots < 0xffffffffu, "more regions or contacts than 32-bit indexes");
  const auto of_regions = static_cast<std::int64_t>(n), of_slots = static_cast<std::int64_t>(slots);
  const std::int64_t of_both = std::max(of_regions, of_slots);
  const WorkBuffer<std::uint32_t, Q> into(q, n), changed(q, n);
  const WorkBuffer<MergeRegion, Q> described(q, n);
  const WorkBuffer<BestContact, Q> best(q, n);
  const WorkBuffer<std::uint64_t, Q> odds(q, slots), other_odds(q, slots);
  const WorkBuffer<MergeState, Q> state(q, 1);
  WorkBuffer<ContactSlot, Q> other = free_contact_slots(q, slots);
  fill_bytes(q, other_odds.data(), 0xff, slots * sizeof(std::uint64_t));
  fill_bytes(q, state.data(), 0, sizeof(MergeState));

  const MergeRegions regions{
      static_cast<std::uint32_t>(n), graph.regions.data(), described.data(), best.data(), into.data(), changed.data()};
  WeighedSlots from{ample_slots<Q>(graph.contacts), odds.data()}, to{ample_slots<Q>(other), other_odds.data()};
  for_each_index(q, of_both, BeginMerging{regions, from, p, state.data()}, "describing regions");
  constexpr std::uint32_t kBlindRounds = 16;  // launched without a look at what has come of them
  for (std::uint32_t round = 1; slots > 0 && round <= static_cast<std::uint32_t>(p.rounds); ++round) {
    if (round % kBlindRounds == 0 && fetch(q, state.data()).merged + 1 < round) break;
    const MergeRound of{round, regions, from, state.data()};
    for_each_index(q, of_slots, WeighContacts{of, p}, "weighing contacts");
    for_each_index(q, of_slots, BreakTies{of}, "breaking ties of contacts");
    for_each_index(q, of_slots, JoinMutualPairs{of, p}, "joining regions");
    for_each_index(q, of_both, RenameContacts{of, to}, "renaming contacts");
    std::swap(from, to);
  }
  WorkBuffer<std::uint32_t, Q> survivor(q, n);
  for_each_index(q, of_regions, FollowMerges{into.data(), survivor.data()}, "following merges");
  const MergeState end = fetch(q, state.data());
  HX_EXPECT(end.wrong != 1, "a contact names a region that is not in the graph");
  HX_EXPECT(end.wrong != 2, "a contact of regions without pixels");
  if (end.merged % 2 == 1) std::swap(graph.contacts, other);
  return survivor;
}

struct OwnLevel {
  const RegionSums* sums;
  const std::uint32_t* into;
  std::uint16_t* own;
  HX_HD void operator()(std::int64_t i) const {
    const RegionSums& r = sums[into[i]];
    own[i] = i > 0 && r.area > 0 ? mean_linear(r) : std::uint16_t{0};
  }
};

template <class Q>
WorkBuffer<std::uint16_t, Q> own_levels_chain(const Q& q, const DeviceRegionGraph<Q>& graph,
                                              const WorkBuffer<std::uint32_t, Q>& into) {
  HX_EXPECT(into.size() == graph.regions.size(), "one name is needed for each region");
  WorkBuffer<std::uint16_t, Q> own(q, into.size());
  for_each_index(q, static_cast<std::int64_t>(into.size()), OwnLevel{graph.regions.data(), into.data(), own.data()},
                 "looking up levels");
  return own;
}

}  // namespace hexaplex::detail
