#include "core/segmentation/diameter.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/segmentation/nuclei.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

// Evenly spread over the brighter half, by the sum of the nuclear channel: empty glass says nothing about nuclei.
std::vector<Rect> choose_samples(CpuQueue& q, const NucleiSource& source, const DiameterSearch& search) {
  std::vector<Rect> grid;
  const int side = search.sample_px;
  for (const Rect& piece : source.area().pieces())
    for (int y = 0; y == 0 || y + side <= piece.height; y += side)
      for (int x = 0; x == 0 || x + side <= piece.width; x += side)
        grid.push_back({piece.x + x, piece.y + y, std::min(side, piece.width - x), std::min(side, piece.height - y)});
  std::vector<std::int64_t> light(grid.size(), 0);
  for_each_task(q, static_cast<std::int64_t>(grid.size()), [&](std::int64_t i) {
    CpuQueue one{1};
    HostPlane<std::uint16_t> nuclear(grid[i].extent());
    source.images(grid[i]).nuclear(one, {0, 0, nuclear.width(), nuclear.height()}, nuclear.view());
    for (int y = 0; y < nuclear.height(); y += 2)
      for (int x = 0; x < nuclear.width(); x += 2) light[i] += nuclear(x, y) >> 3;
  });
  std::vector<std::size_t> order(grid.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return light[a] > light[b]; });
  const std::size_t half = std::max<std::size_t>(std::min<std::size_t>(grid.size(), search.samples), grid.size() / 2);
  const std::size_t wanted = std::min<std::size_t>(half, search.samples);
  std::vector<Rect> chosen;
  for (std::size_t k = 0; k < wanted; ++k)
    chosen.push_back(grid[order[wanted == 1 ? 0 : k * (half - 1) / (wanted - 1)]]);
  return chosen;
}

struct Agreement {
  std::int64_t matches = 0;  // pairs with intersection over union above 0.7
  std::int64_t objects = 0;  // in both
};

Agreement compare(const HostPlane<std::uint32_t>& a, const HostPlane<std::uint32_t>& b) {
  const std::int64_t n = a.extent().area();
  const std::uint32_t *pa = a.data(), *pb = b.data();
  const std::uint32_t count_a = n > 0 ? *std::max_element(pa, pa + n) : 0,
                      count_b = n > 0 ? *std::max_element(pb, pb + n) : 0;
  std::vector<std::int64_t> area_a(count_a + 1, 0), area_b(count_b + 1, 0);
  std::vector<std::uint64_t> pairs;
  for (std::int64_t i = 0; i < n; ++i) {
    ++area_a[pa[i]];
    ++area_b[pb[i]];
    if (pa[i] != 0 && pb[i] != 0) pairs.push_back(static_cast<std::uint64_t>(pa[i]) << 32 | pb[i]);
  }
  std::sort(pairs.begin(), pairs.end());
  Agreement out{0, static_cast<std::int64_t>(count_a) + count_b};
  for (std::size_t i = 0; i < pairs.size();) {
    std::size_t j = i;
    while (j < pairs.size() && pairs[j] == pairs[i]) ++j;
    const auto common = static_cast<std::int64_t>(j - i);
    const std::int64_t both = area_a[pairs[i] >> 32] + area_b[pairs[i] & 0xffffffffu] - common;
    if (10 * common > 7 * both) ++out.matches;
    i = j;
  }
  return out;
}

}  // namespace

double stable_diameter_um(CpuQueue& q, const SegmentationInput& input, const CellParams& p,
                          const DiameterSearch& search) {
  return stable_diameter_um(q, NucleiSource(q, input), p, search);
}

double stable_diameter_um(CpuQueue& q, const NucleiSource& source, const CellParams& p, const DiameterSearch& search) {
  HX_EXPECT(search.apart >= 1 && search.rungs > search.apart && search.samples >= 1 && search.sample_px >= 64,
            "the search needs rungs and samples");
  HX_EXPECT(p.um_per_px > 0, "um_per_px must be positive");
  if (source.area().pieces().empty()) return search.expected_um;
  const std::vector<Rect> samples = choose_samples(q, source, search);
  std::vector<double> ladder;
  double rung = search.smallest_um;
  for (int k = 0; k < search.rungs; ++k) {
    const double d_px = rung / p.um_per_px;
    if (d_px >= kMinNucleusPx && d_px <= kMaxNucleusPx) ladder.push_back(rung);
    rung *= search.ratio;
  }
  if (ladder.size() <= static_cast<std::size_t>(search.apart)) return search.expected_um;
  // Every sample and rung is a task of its own.
  std::vector<HostPlane<std::uint32_t>> found(samples.size() * ladder.size());
  for_each_task(q, static_cast<std::int64_t>(found.size()), [&](std::int64_t i) {
    NucleiParams params;
    params.nucleus_px = ladder[i % ladder.size()] / p.um_per_px;
    params.recipe = p.recipe;
    params.least = source.nuclear_counts(p.least);
    CpuQueue one{1};
    found[i] = find_nuclei(one, source.images(samples[i / ladder.size()]), params);
  });
  const std::size_t pairs = ladder.size() - static_cast<std::size_t>(search.apart);
  std::vector<Agreement> sums(pairs);
  std::int64_t objects = 0;
  for (std::size_t k = 0; k < pairs; ++k) {
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const std::size_t first = s * ladder.size() + k;
      const Agreement a = compare(found[first], found[first + static_cast<std::size_t>(search.apart)]);
      sums[k].matches += a.matches;
      sums[k].objects += a.objects;
    }
    objects += sums[k].objects;
  }
  if (objects == 0) return search.expected_um;
  const double nuclei = static_cast<double>(objects) / (2.0 * static_cast<double>(pairs));
  const double leash = search.leash * (1 + search.few_nuclei / nuclei);
  double best = 0, answer = 0;
  for (std::size_t k = 0; k < pairs; ++k) {
    if (sums[k].objects == 0) continue;
    const double middle = std::sqrt(ladder[k] * ladder[k + static_cast<std::size_t>(search.apart)]);
    const double far = exact_log(middle / search.expected_um);
    const double agreement = 2.0 * static_cast<double>(sums[k].matches) / static_cast<double>(sums[k].objects);
    const double score = agreement - leash * far * far;
    if (answer == 0 || score > best) best = score, answer = middle;
  }
  return answer;
}

}  // namespace hexaplex
