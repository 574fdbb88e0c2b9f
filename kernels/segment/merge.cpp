#include "kernels/segment/merge.h"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

constexpr double kPi = 3.14159265358979323846;

// What the odds need of one region, from its sums.
struct Region {
  double area = 0, level = 0, wall = 0, round = 0;
};

// n times the sum of squares minus the square of the sum: exact, so that moving the image changes nothing.
double spread(std::int64_t n, std::int64_t ab, std::int64_t a, std::int64_t b) {
  return static_cast<double>(static_cast<__int128>(n) * ab - static_cast<__int128>(a) * b);
}

Region describe(const RegionSums& s, const MergeParams& p) {
  const auto n = static_cast<double>(s.area);
  const double pixel = 1.0 / 12;  // variance of a pixel's own extent
  const double xx = spread(s.area, s.xx, s.x, s.x) / (n * n) + pixel;
  const double yy = spread(s.area, s.yy, s.y, s.y) / (n * n) + pixel;
  const double xy = spread(s.area, s.xy, s.x, s.y) / (n * n);
  const double determinant = std::max(xx * yy - xy * xy, 1e-6);
  return {n, static_cast<double>(s.level) / n * p.level_unit, static_cast<double>(s.wall) / n * p.wall_unit,
          n / (4 * kPi * std::sqrt(determinant))};
}

double log_odds(const Contact& c, const Region& i, const Region& j, const MergeParams& p) {
  const MergeWeights& w = p.weights;
  const auto length = static_cast<double>(c.length);
  const double area = i.area + j.area, nucleus = kPi / 4 * p.nucleus_px * p.nucleus_px;
  if (area >= p.largest_nuclei * nucleus) return -1;
  const double edge = static_cast<double>(c.level) / (2 * length) * p.level_unit;
  const double edge_wall = static_cast<double>(c.wall) / (2 * length) * p.wall_unit;
  const double smaller = std::min(i.area, j.area);
  const double neck = std::min(length / std::sqrt(4 / kPi * smaller), 1.5);
  double odds = w.bias;
  odds += w.depth * (std::min(i.level, j.level) - edge);
  odds += w.step * (i.level > j.level ? i.level - j.level : j.level - i.level);
  odds += w.neck * neck;
  odds += w.round * ((i.area * i.round + j.area * j.round) / area);
  odds += w.area * exact_log(area / nucleus);
  odds += w.wall * (edge_wall - std::max(i.wall, j.wall));
  return odds;
}

}  // namespace

HostVector<std::uint32_t> merge_regions(RegionGraph& graph, const MergeParams& p) {
  HX_EXPECT(p.nucleus_px > 0 && p.rounds >= 0, "nucleus_px must be positive, rounds not negative");
  const std::size_t n = graph.regions.size();
  HostVector<Contact>& contacts = graph.contacts;
  const auto in_order = [](const Contact& a, const Contact& b) {
    return std::pair(a.first, a.second) < std::pair(b.first, b.second);
  };
  if (std::adjacent_find(contacts.begin(), contacts.end(),
                         [&](const Contact& a, const Contact& b) { return !in_order(a, b); }) != contacts.end())
    aggregate_contacts(contacts);
  HX_EXPECT(n < 0xffffffffu && contacts.size() < 0xffffffffu, "more regions or contacts than 32-bit indexes");
  for (const Contact& c : contacts)
    HX_EXPECT(0 < c.first && c.first < c.second && c.second < n, "a contact names a region that is not in the graph");
  HostVector<std::uint32_t> into(n);
  for (std::size_t i = 0; i < n; ++i) into[i] = static_cast<std::uint32_t>(i);
  HostVector<Region> regions(n);
  for (std::size_t i = 1; i < n; ++i)
    if (graph.regions[i].area > 0) regions[i] = describe(graph.regions[i], p);

  HostVector<double> odds(contacts.size());
  for (std::size_t k = 0; k < contacts.size(); ++k)
    odds[k] = log_odds(contacts[k], regions[contacts[k].first], regions[contacts[k].second], p);

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
      if (changed[i] && into[i] == i) regions[i] = describe(graph.regions[i], p);

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
        all_odds[k] = log_odds(all[k], regions[all[k].first], regions[all[k].second], p);
      }
    }
    contacts = std::move(all);
    odds = std::move(all_odds);
  }
  // Chains of merges end at the surviving label; a label only ever moves to a lower one.
  for (std::size_t i = 1; i < n; ++i) into[i] = into[into[i]];
  return into;
}

}  // namespace hexaplex
