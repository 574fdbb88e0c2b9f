#pragma once

#include "kernels/segment/contact_table.h"
#include "kernels/segment/device_region_graph.h"
#include "kernels/segment/merge_odds.h"

namespace hexaplex::detail {

/// What merge_regions asks of contacts: `*wrong` becomes 1 for a region that is not there, 2 for two without pixels.
struct CheckContacts {
  const Contact* contacts;
  const RegionSums* sums;
  std::uint32_t regions;
  std::uint32_t* wrong;
  HX_HD void operator()(std::int64_t k) const {
    const std::uint32_t i = contacts[k].first, j = contacts[k].second;
    if (i == 0 || i >= j || j >= regions)
      atomic_max(wrong, std::uint32_t{1});
    else if (sums[i].area + sums[j].area <= 0)
      atomic_max(wrong, std::uint32_t{2});
  }
};

struct DescribeRegion {
  const RegionSums* sums;
  MergeRegion* regions;
  MergeParams params;
  HX_HD void operator()(std::int64_t i) const {
    const bool has_pixels = i > 0 && sums[i].area > 0;
    regions[i] = has_pixels ? describe(sums[i], params) : MergeRegion{0, 0, 0, 0};
  }
};

/// The best contact of every region so far, as numbers that grow with the odds and fall with the pair.
struct BestContacts {
  std::uint64_t* odds;  ///< by label: bits of the largest positive odds; 0: none
  std::uint64_t* pair;  ///< by label: contact_key of the lowest contact with those odds
};

/// Bits of positive doubles are in the order of the doubles.
HX_HD inline std::uint64_t odds_key(double odds) {
  std::uint64_t bits = 0;
  if (odds > 0) memcpy(&bits, &odds, sizeof bits);
  return bits;
}

struct WeighContacts {
  const Contact* contacts;
  const MergeRegion* regions;
  MergeParams params;
  std::uint64_t* keys;
  BestContacts best;
  HX_HD void operator()(std::int64_t k) const {
    const Contact& c = contacts[k];
    const std::uint64_t key = odds_key(log_odds(c, regions[c.first], regions[c.second], params));
    keys[k] = key;
    if (key == 0) return;
    atomic_max(&best.odds[c.first], key);
    atomic_max(&best.odds[c.second], key);
  }
};

/// Ties go to the lower pair.
struct BreakTies {
  const Contact* contacts;
  const std::uint64_t* keys;
  BestContacts best;
  HX_HD void operator()(std::int64_t k) const {
    if (keys[k] == 0) return;
    const std::uint32_t i = contacts[k].first, j = contacts[k].second;
    if (best.odds[i] == keys[k]) atomic_min(&best.pair[i], contact_key(i, j));
    if (best.odds[j] == keys[k]) atomic_min(&best.pair[j], contact_key(i, j));
  }
};

/// Regions that name each other become one. A region names one contact, so no two of these meet in a region.
struct JoinMutualPairs {
  const Contact* contacts;
  BestContacts best;
  RegionSums* sums;
  std::uint32_t* into;
  std::uint32_t* any;
  HX_HD void operator()(std::int64_t k) const {
    const std::uint32_t i = contacts[k].first, j = contacts[k].second;
    const std::uint64_t pair = contact_key(i, j);
    if (best.pair[i] != pair || best.pair[j] != pair) return;
    RegionSums joint = sums[i];
    const RegionSums& other = sums[j];
    joint.area += other.area;
    joint.x += other.x, joint.y += other.y;
    joint.xx += other.xx, joint.yy += other.yy, joint.xy += other.xy;
    joint.level += other.level, joint.wall += other.wall, joint.linear += other.linear;
    sums[i] = joint;
    sums[j] = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    into[j] = i;
    atomic_max(any, std::uint32_t{1});
  }
};

struct RenameContacts {
  const Contact* contacts;
  const std::uint32_t* into;
  ContactSlots renamed;
  HX_HD void operator()(std::int64_t k) const {
    const Contact& c = contacts[k];
    const std::uint32_t i = into[c.first], j = into[c.second];
    if (i != j) renamed.add(i, j, c.length, c.level, c.wall);
  }
};

struct NameItself {
  std::uint32_t* into;
  HX_HD void operator()(std::int64_t i) const { into[i] = static_cast<std::uint32_t>(i); }
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
  const std::size_t n = graph.regions.size();
  HX_EXPECT(n < 0xffffffffu, "more regions than 32-bit labels");
  const auto regions = static_cast<std::int64_t>(n);
  const WorkBuffer<std::uint32_t, Q> into(q, n), any(q, 1);
  const WorkBuffer<MergeRegion, Q> described(q, n);
  const WorkBuffer<std::uint64_t, Q> best_odds(q, n), best_pair(q, n);
  const BestContacts best{best_odds.data(), best_pair.data()};
  fill_bytes(q, any.data(), 0, sizeof(std::uint32_t));
  for_each_index(q, static_cast<std::int64_t>(graph.contacts.size()),
                 CheckContacts{graph.contacts.data(), graph.regions.data(), static_cast<std::uint32_t>(n), any.data()},
                 "checking contacts");
  const std::uint32_t wrong = fetch(q, any.data());
  HX_EXPECT(wrong != 1, "a contact names a region that is not in the graph");
  HX_EXPECT(wrong != 2, "a contact of regions without pixels");
  for_each_index(q, regions, NameItself{into.data()}, "naming regions");
  for (int round = 0; round < p.rounds && graph.contacts.size() > 0; ++round) {
    const auto contacts = static_cast<std::int64_t>(graph.contacts.size());
    const Contact* const of = graph.contacts.data();
    fill_bytes(q, best_odds.data(), 0, n * sizeof(std::uint64_t));
    fill_bytes(q, best_pair.data(), 0xff, n * sizeof(std::uint64_t));
    fill_bytes(q, any.data(), 0, sizeof(std::uint32_t));
    {
      const WorkBuffer<std::uint64_t, Q> keys(q, graph.contacts.size());
      for_each_index(q, regions, DescribeRegion{graph.regions.data(), described.data(), p}, "describing regions");
      for_each_index(q, contacts, WeighContacts{of, described.data(), p, keys.data(), best}, "weighing contacts");
      for_each_index(q, contacts, BreakTies{of, keys.data(), best}, "breaking ties of contacts");
    }
    for_each_index(q, contacts, JoinMutualPairs{of, best, graph.regions.data(), into.data(), any.data()},
                   "joining regions");
    if (fetch(q, any.data()) == 0) break;
    const ContactTable<Q> table(q, graph.contacts.size());
    for_each_index(q, contacts, RenameContacts{of, into.data(), table.slots()}, "renaming contacts");
    graph.contacts = gather_contacts(q, table, table.used(q));
  }
  WorkBuffer<std::uint32_t, Q> survivor(q, n);
  for_each_index(q, regions, FollowMerges{into.data(), survivor.data()}, "following merges");
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
