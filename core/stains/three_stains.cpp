#include <algorithm>
#include <numeric>

#include "core/stains/estimate.h"

namespace hexaplex {

namespace {

using Cone = std::array<StainVector, 3>;

constexpr double kNoise = 2, kMostPenalty = 4;   // standard deviations outside a face
constexpr double kNarrow = 0.001, kKnown = 0.3;  // what a wide cone costs, and one far from the known stains
constexpr double kCone = 0.81915204428899180;    // cos 35 degrees
constexpr double kInside = 0.002;                // of its cosine, for a vector that is put back
constexpr double kLeastVolume = 0.05;
constexpr double kFirstStep = 0.1, kLastStep = 0.003, kGain = 1e-9;
constexpr double kClearDensity = 24;  // standard deviations from which a direction is clear
constexpr double kEnd = 0.003, kAlike = 0.98;
constexpr double kSlabWidths[] = {0.10, 0.06, 0.05};
constexpr double kMostTurn = 0.90630778703664996;  // cos 25 degrees
constexpr double kInfinite = 1e9;

class ConeSearch {
 public:
  ConeSearch(const std::vector<Density>& colours, const Cone& known) : known_(known) {
    for (const Density& d : colours)
      if (d.weight > 0) rows_.push_back(d);
  }

  struct Found {
    Cone cone;
    double cost;
  };

  Found descend(Cone v) const {
    Found best{v, cost(v)};
    if (best.cost >= kInfinite) return best;
    const auto try_it = [&](const Cone& other) {
      const double c = cost(other);
      if (!(c < best.cost - kGain)) return false;
      best = {other, c};
      return true;
    };
    for (double step = kFirstStep; step > kLastStep;) {
      bool moved = false;
      for (std::size_t i = 0; i < 3; ++i) moved = turn(best.cone, i, step, try_it) || moved;
      for (std::size_t i = 0; i < 3; ++i)
        for (const double sign : {1.0, -1.0}) {
          Cone other = best.cone;
          for (std::size_t k = 0; k < 3; ++k)
            if (k != i) other[k] = unit(best.cone[k] + sign * step * best.cone[i]);
          if (try_it(other)) {
            moved = true;
            break;
          }
        }
      if (!moved) step /= 2;
    }
    return best;
  }

  // Directions that lie far from each other.
  Cone extremes() const {
    std::vector<StainVector> u;
    std::vector<double> w;
    double sum = 0;
    for (const Density& d : rows_) {
      const double density = length(d.od);
      if (density <= kClearDensity * d.noise) continue;
      u.push_back(1 / density * d.od), w.push_back(d.weight);
      sum += d.weight;
    }
    if (u.empty()) return known_;
    for (double& x : w) x /= sum;
    StainVector mean{};
    for (std::size_t i = 0; i < u.size(); ++i) mean = mean + w[i] * u[i];
    mean = unit(mean);
    const auto pick = [&](auto score) { return farthest(u, w, score); };
    const auto away_from = [](const StainVector& v) {
      return [v](const StainVector& x) { return 1 - dot(x, v) * dot(x, v); };
    };
    const auto off_plane = [](const StainVector& a, const StainVector& b) {
      const StainVector n = cross(a, b);
      const double size = length(n);
      return [n, size](const StainVector& x) { return size > 0 ? std::abs(dot(x, n)) / size : 0; };
    };
    StainVector a = pick(away_from(mean));
    const StainVector b = pick(away_from(a)), c = pick(off_plane(a, b));
    a = pick(off_plane(b, c));
    return named({a, b, c});
  }

 private:
  double cost(const Cone& v) const {
    const StainVector face = cross(v[1], v[2]);
    const double volume = dot(v[0], face);
    if (volume < kLeastVolume) return kInfinite;
    double far = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const double cosine = dot(v[i], known_[i]);
      if (cosine < kCone) return kInfinite;
      far += 1 - cosine;
    }
    double outside = 0;
    for (const StainVector& n : {unit(face), unit(cross(v[2], v[0])), unit(cross(v[0], v[1]))})
      for (const Density& d : rows_)
        outside += d.weight * std::clamp(-dot(d.od, n) / d.noise - kNoise, 0.0, kMostPenalty);
    return outside + kNarrow * (volume + kKnown * far);
  }

  template <class Try>
  static bool turn(const Cone& v, std::size_t i, double step, const Try& try_it) {
    constexpr double kWays[8][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {.7, .7}, {.7, -.7}, {-.7, .7}, {-.7, -.7}};
    const StainVector from = v[i], a = unit(cross(from, v[(i + 1) % 3])), b = cross(from, a);
    for (const auto& [x, y] : kWays) {
      Cone other = v;
      other[i] = unit(from + step * (x * a + y * b));
      if (try_it(other)) return true;
    }
    return false;
  }

  // The mean of the directions with the highest scores that point the same way.
  template <class Score>
  static StainVector farthest(const std::vector<StainVector>& u, const std::vector<double>& w, const Score& score) {
    std::vector<std::size_t> order(u.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> scores;
    for (const StainVector& x : u) scores.push_back(score(x));
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    std::size_t last = 0;
    double sum = 0;
    for (; last < order.size(); ++last) {
      sum += w[order[last]];
      if (sum >= kEnd || last + 1 == order.size()) break;
    }
    const StainVector at = u[order[last]];
    StainVector mean{};
    for (std::size_t k = 0; k <= last; ++k)
      if (dot(u[order[k]], at) > kAlike) mean = mean + w[order[k]] * u[order[k]];
    return unit(mean);
  }

  // The order in which they come nearest to the known stains, each put back into its cone.
  Cone named(const Cone& v) const {
    std::array<std::size_t, 3> order{0, 1, 2}, best = order;
    double most = -kInfinite;
    do {
      double sum = 0;
      for (std::size_t i = 0; i < 3; ++i) sum += dot(v[order[i]], known_[i]);
      if (sum > most) most = sum, best = order;
    } while (std::next_permutation(order.begin(), order.end()));
    Cone out;
    for (std::size_t i = 0; i < 3; ++i) {
      out[i] = v[best[i]];
      const double cosine = dot(out[i], known_[i]);
      if (cosine >= kCone + 1e-6) continue;
      const double inside = kCone + kInside;
      const StainVector across = unit(out[i] - cosine * known_[i]);
      out[i] = unit(inside * known_[i] + std::sqrt(1 - inside * inside) * across);
    }
    return out;
  }

  Cone known_;
  std::vector<Density> rows_;
};

// Amounts of the three stains.
StainVector amounts(const Cone& v, const StainVector& od) {
  const double volume = dot(v[0], cross(v[1], v[2]));
  return {dot(od, cross(v[1], v[2])) / volume, dot(od, cross(v[2], v[0])) / volume,
          dot(od, cross(v[0], v[1])) / volume};
}

bool is_tissue(const StainVector& c) {
  return c[1] + c[2] > 0.12 && c[0] > -0.2 && c[0] < 0.3;
}

// The tint of counterstain that most of the tissue has; no value where there is little tissue.
struct Tint {
  bool any = false;
  double amount = 0;
};

Tint tint_of(const std::vector<Density>& colours, const Cone& v) {
  constexpr int kBins = 50, kAround = 2;
  std::array<double, kBins> bins{};
  double tissue = 0, all = 0;
  for (const Density& d : colours) {
    all += d.pixels;
    const StainVector c = amounts(v, d.od);
    if (!is_tissue(c)) continue;
    tissue += d.pixels;
    bins[static_cast<std::size_t>(std::clamp(static_cast<int>((c[0] + 0.2) * 100), 0, kBins - 1))] += d.pixels;
  }
  Tint out{tissue >= 0.02 * all, 0};
  double most = -1;
  for (int k = 0; k < kBins; ++k) {
    double sum = 0;
    for (int j = std::max(0, k - kAround); j <= std::min(kBins - 1, k + kAround); ++j)
      sum += bins[static_cast<std::size_t>(j)];
    if (sum > most) most = sum, out.amount = (k + 0.5) * 0.01 - 0.2;
  }
  return out;
}

// Direction in which the colours of a slab around the tint spread least.
StainVector thinnest(const std::vector<Density>& colours, const Cone& v, double tint, double width) {
  const auto in_slab = [&](const Density& d) {
    const StainVector c = amounts(v, d.od);
    return is_tissue(c) && std::abs(c[0] - tint) < width;
  };
  double pixels = 0;
  StainVector mean{};
  for (const Density& d : colours)
    if (in_slab(d)) pixels += d.pixels, mean = mean + d.pixels * d.od;
  if (!(pixels > 0)) return unit(cross(v[1], v[2]));
  mean = 1 / pixels * mean;
  Moments m{};
  for (const Density& d : colours)
    if (in_slab(d)) add_moment(m, d.pixels / pixels, d.od - mean);
  return axes_of(m).vectors[2];
}

// Lays the face of the other two stains through the tissue.
void lay_through_tissue(const std::vector<Density>& colours, const Cone& known, ThreeStains& out) {
  for (const double width : kSlabWidths) {
    const Cone v = out.vectors;
    const Tint tint = tint_of(colours, v);
    if (!tint.any) return;
    StainVector n = thinnest(colours, v, tint.amount, width);
    const StainVector now = unit(cross(v[1], v[2]));
    if (dot(n, now) < 0) n = -1.0 * n;
    out.tissue_cosine = dot(n, now);
    if (out.tissue_cosine < kMostTurn) return;
    Cone turned = v;
    const auto along = [&](const StainVector& face, const StainVector& old) {
      const StainVector edge = unit(cross(face, n));
      return dot(edge, old) > 0 ? edge : -1.0 * edge;
    };
    turned[2] = along(cross(v[2], v[0]), v[2]);
    turned[1] = along(cross(v[0], v[1]), v[1]);
    for (std::size_t i = 0; i < 3; ++i)
      if (dot(turned[i], known[i]) < kCone) return;
    out.vectors = turned;
  }
}

}  // namespace

ThreeStains estimate_three_stains(const std::vector<Density>& colours, const std::array<StainVector, 3>& known) {
  const ConeSearch search(colours, known);
  const ConeSearch::Found a = search.descend(known), b = search.descend(search.extremes());
  ThreeStains out;
  out.vectors = b.cost < a.cost ? b.cone : a.cone;
  lay_through_tissue(colours, known, out);
  for (std::size_t i = 0; i < 3; ++i)
    out.least_known_cosine = std::min(out.least_known_cosine, dot(out.vectors[i], known[i]));
  return out;
}

}  // namespace hexaplex
