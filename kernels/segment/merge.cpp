#include "kernels/segment/merge.h"

#include <algorithm>

#include "kernels/runtime/error.h"
#include "kernels/segment/merge_odds.h"

namespace hexaplex {

HostVector<std::uint32_t> merge_regions(RegionGraph& graph, const MergeParams& p) {
  HX_EXPECT(detail::is_sound(p), detail::kMergeParamsError);
  const std::size_t n = graph.regions.size();
  HostVector<Contact>& contacts = graph.contacts;
  const auto in_order = [](const Contact& a, const Contact& b) {
    return std::pair(a.first, a.second) < std::pair(b.first, b.second);
  };
  if (std::adjacent_find(contacts.begin(), contacts.end(),
                         [&](const Contact& a, const Contact& b) { return !in_order(a, b); }) != contacts.end())
    aggregate_contacts(contacts);
  HX_EXPECT(n < 0xffffffffu && contacts.size() < 0xffffffffu, "more regions or contacts than 32-bit indexes");
  for (const Contact& c : contacts) {
    HX_EXPECT(0 < c.first && c.first < c.second && c.second < n, "a contact names a region that is not in the graph");
    HX_EXPECT(graph.regions[c.first].area + graph.regions[c.second].area > 0, "a contact of regions without pixels");
  }
  HostVector<std::uint32_t> into(n);
  for (std::size_t i = 0; i < n; ++i) into[i] = static_cast<std::uint32_t>(i);
  HostVector<detail::MergeRegion> regions(n);
  for (std::size_t i = 1; i < n; ++i)
    if (graph.regions[i].area > 0) regions[i] = detail::describe(graph.regions[i], p);

  HostVector<double> odds(contacts.size());
  for (std::size_t k = 0; k < contacts.size(); ++k)
    odds[k] = detail::log_odds(contacts[k], regions[contacts[k].first], regions[contacts[k].second], p);

  constexpr std::uint32_t kNone = 0xffffffffu;
  HostVector<std::uint32_t> best(n);
  HostVector<std::uint8_t> changed(n);
  for (int round = 0; round < p.rounds; ++round) {
    // Contacts are in order of (first, second), so the first of equal odds is the lower pair.
    std::fill(best.begin(), best.end(), kNone);
    for (std::uint32_t k = 0; k < contacts.size(); ++k) {
      if (!(odds[k] > 0)) continue;
      for (std::uint32_t end : {contacts[k].first, contacts[k].second})
        if (best[end] == kNone || odds[k] > odds[best[end]]) best[end] = k;
    }
    std::fill(changed.begin(), changed.end(), std::uint8_t{0});
    bool any = false;
    for (std::uint32_t k = 0; k < contacts.size(); ++k) {
      const auto [i, j] = std::pair(contacts[k].first, contacts[k].second);
      if (best[i] != k || best[j] != k) continue;
      graph.regions[i].add(graph.regions[j]);
      graph.regions[j] = {};
      into[j] = i;
      changed[i] = changed[j] = 1;
      any = true;
    }
    if (!any) break;
    for (std::size_t i = 1; i < n; ++i)
      if (changed[i] && into[i] == i) regions[i] = detail::describe(graph.regions[i], p);

    // Contacts of changed regions are renamed and joined; the others keep their odds. No pair is in both parts.
    HostVector<Contact> moved;
    std::size_t kept = 0;
    for (std::size_t k = 0; k < contacts.size(); ++k) {
      Contact c = contacts[k];
      if (!changed[c.first] && !changed[c.second]) {
        contacts[kept] = c;
        odds[kept++] = odds[k];
        continue;
      }
      c.first = into[c.first];
      c.second = into[c.second];
      if (c.first == c.second) continue;
      if (c.first > c.second) std::swap(c.first, c.second);
      moved.push_back(c);
    }
    aggregate_contacts(moved);
    HostVector<Contact> all(kept + moved.size());
    HostVector<double> all_odds(all.size());
    for (std::size_t a = 0, b = 0, k = 0; k < all.size(); ++k) {
      const bool take_kept = b == moved.size() || (a < kept && std::pair(contacts[a].first, contacts[a].second) <
                                                                   std::pair(moved[b].first, moved[b].second));
      if (take_kept) {
        all[k] = contacts[a];
        all_odds[k] = odds[a++];
      } else {
        all[k] = moved[b++];
        all_odds[k] = detail::log_odds(all[k], regions[all[k].first], regions[all[k].second], p);
      }
    }
    contacts = std::move(all);
    odds = std::move(all_odds);
  }
  // Chains of merges end at the surviving label; a label only ever moves to a lower one.
  for (std::size_t i = 1; i < n; ++i) into[i] = into[into[i]];
  return into;
}

HostVector<std::uint16_t> own_levels(const RegionGraph& graph, std::span<const std::uint32_t> into) {
  HX_EXPECT(into.size() == graph.regions.size(), "one name is needed for each region");
  HostVector<std::uint16_t> own(into.size(), 0);
  for (std::size_t i = 1; i < own.size(); ++i)
    if (const RegionSums& r = graph.regions[into[i]]; r.area > 0) own[i] = mean_linear(r);
  return own;
}

}  // namespace hexaplex
