#include "core/spatial/drawn_areas.h"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMostBands = std::size_t{1} << 16;
constexpr std::uint64_t kEntriesPerEdge = 8;  // long edges lie in many bands: fewer bands then, not more memory

// Joins spans that overlap or touch.
std::vector<Span> joined(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> out;
  for (const Span& s : spans) {
    if (!out.empty() && s.begin <= out.back().end) {
      out.back().end = std::max(out.back().end, s.end);
    } else {
      out.push_back(s);
    }
  }
  return out;
}

// The first of the places first + i * step that is not left of x.
int first_place(double x, double first, double step, int count) {
  const double guess = std::clamp(std::ceil((x - first) / step), 0.0, static_cast<double>(count));
  int i = static_cast<int>(guess);
  while (i > 0 && !(first + (i - 1) * step < x)) --i;  // the guess is rounded
  while (i < count && first + i * step < x) ++i;
  return i;
}

}  // namespace

DrawnAreas::DrawnAreas(const std::vector<std::vector<Ring>>& areas) {
  bool any = false;
  for (std::size_t a = 0; a < areas.size(); ++a)
    for (const Ring& ring : areas[a])
      for (std::size_t i = 0; i < ring.size(); ++i) {
        const PlacePx p = ring[i];
        HX_EXPECT(std::isfinite(p.x) && std::isfinite(p.y), "places of an outline must be numbers");
        least_ = any ? PlacePx{std::min(least_.x, p.x), std::min(least_.y, p.y)} : p;
        most_ = any ? PlacePx{std::max(most_.x, p.x), std::max(most_.y, p.y)} : p;
        any = true;
        add_edge(p, ring[i == 0 ? ring.size() - 1 : i - 1], static_cast<std::uint32_t>(a));
      }
  bands_ = std::min(edges_.size(), kMostBands);
  while (bands_ > 1 && entries() > kEntriesPerEdge * edges_.size()) bands_ /= 2;
  if (bands_ > 0) sort_into_bands();
}

// Level edges are crossed by no row. From above to below, so that two areas find the same crossing on a common edge.
void DrawnAreas::add_edge(PlacePx a, PlacePx b, std::uint32_t area) {
  if (a.y == b.y) return;
  if (a.y > b.y) std::swap(a, b);
  edges_.push_back({a, b, area});
}

std::size_t DrawnAreas::band_of(double y) const {
  const double at = (y - least_.y) / (most_.y - least_.y) * static_cast<double>(bands_);
  return std::min(static_cast<std::size_t>(at), bands_ - 1);
}

std::uint64_t DrawnAreas::entries() const {
  std::uint64_t sum = 0;
  for (const Edge& e : edges_) sum += band_of(e.to.y) - band_of(e.from.y) + 1;
  return sum;
}

void DrawnAreas::sort_into_bands() {
  first_.assign(bands_ + 1, 0);
  for (const Edge& e : edges_)
    for (std::size_t band = band_of(e.from.y); band <= band_of(e.to.y); ++band) ++first_[band + 1];
  for (std::size_t band = 0; band < bands_; ++band) first_[band + 1] += first_[band];
  listed_.resize(first_[bands_]);
  std::vector<std::uint64_t> next(first_.begin(), first_.end() - 1);
  for (std::size_t i = 0; i < edges_.size(); ++i)
    for (std::size_t band = band_of(edges_[i].from.y); band <= band_of(edges_[i].to.y); ++band)
      listed_[next[band]++] = static_cast<std::uint32_t>(i);
}

template <class F>
void DrawnAreas::for_each_crossing(double y, F f) const {
  if (bands_ == 0 || !(y >= least_.y && y < most_.y)) return;
  const std::size_t band = band_of(y);
  for (std::uint64_t i = first_[band]; i < first_[band + 1]; ++i) {
    const Edge& e = edges_[listed_[i]];
    if (e.from.y <= y && y < e.to.y) f(e.area, e.crossing(y));
  }
}

bool DrawnAreas::contains(PlacePx p) const {
  if (!(p.x >= least_.x - 1 && p.x <= most_.x + 1)) return false;  // crossings are rounded: one pixel of room
  bool found = false, inside = false;
  std::uint32_t last = 0;
  for_each_crossing(p.y, [&](std::uint32_t area, double x) {
    if (area != last) found = found || inside, inside = false, last = area;
    if (p.x < x) inside = !inside;
  });
  return found || inside;
}

std::vector<Span> DrawnAreas::along(double y, double first, double step, int count) const {
  HX_EXPECT(step > 0 && count >= 0, "places of a row must ascend");
  std::vector<Span> spans;
  std::vector<double> crossings;  // of one area
  std::uint32_t last = 0;
  const auto close = [&] {
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t k = 0; k + 1 < crossings.size(); k += 2) {
      const Span s{first_place(crossings[k], first, step, count), first_place(crossings[k + 1], first, step, count)};
      if (s.begin < s.end) spans.push_back(s);
    }
    crossings.clear();
  };
  for_each_crossing(y, [&](std::uint32_t area, double x) {
    if (area != last) close();
    last = area;
    crossings.push_back(x);
  });
  close();
  return joined(std::move(spans));
}

std::vector<Span> without(const std::vector<Span>& from, const std::vector<Span>& taken) {
  std::vector<Span> out;
  std::size_t k = 0;
  for (Span s : from) {
    while (k < taken.size() && taken[k].end <= s.begin) ++k;
    for (std::size_t i = k; i < taken.size() && taken[i].begin < s.end; ++i) {
      if (s.begin < taken[i].begin) out.push_back({s.begin, taken[i].begin});
      s.begin = std::max(s.begin, taken[i].end);
    }
    if (s.begin < s.end) out.push_back(s);
  }
  return out;
}

}  // namespace hexaplex
