#include "core/loss/block_likeness.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::tuple<std::int32_t, std::int32_t, std::int32_t> order_of(const BlockPlace& p) {
  return {p.slide, p.y, p.x};
}

}  // namespace

BlockLikeness likeness_of_neighbours(std::span<const BlockValue> values, std::span<const BlockPlace> places) {
  const BlockSample sample({values.begin(), values.end()});
  const double middle = sample.quantile(sample.once(), 1, 2);
  std::vector<double> cells(places.size()), deviation(places.size());
  for (const BlockValue& v : values) {
    HX_EXPECT(v.block < places.size(), "a block has no place");
    cells[v.block] += 1;
    deviation[v.block] += v.value < middle ? 1 : 0;
  }
  const double share =
      static_cast<double>(sample.count_below(sample.once(), middle)) / static_cast<double>(sample.size());
  double own = 0, all_cells = 0;
  for (std::size_t b = 0; b < places.size(); ++b) {
    if (cells[b] > 0) deviation[b] = deviation[b] / cells[b] - share;
    own += cells[b] * deviation[b] * deviation[b];
    all_cells += cells[b];
  }
  BlockLikeness likeness;
  double shared = 0, weights = 0;
  for (std::size_t b = 0; b < places.size(); ++b)
    for (const auto& [dx, dy] : {std::pair{1, 0}, std::pair{0, 1}}) {
      const BlockPlace wanted{places[b].slide, places[b].x + dx, places[b].y + dy};
      const auto found =
          std::lower_bound(places.begin(), places.end(), wanted,
                           [](const BlockPlace& p, const BlockPlace& q) { return order_of(p) < order_of(q); });
      if (found == places.end() || order_of(*found) != order_of(wanted)) continue;
      const auto other = static_cast<std::size_t>(found - places.begin());
      shared += cells[b] * cells[other] * deviation[b] * deviation[other];
      weights += cells[b] * cells[other];
      ++likeness.pairs;
    }
  if (weights > 0 && own > 0) likeness.morans_i = shared / weights / (own / all_cells);
  return likeness;
}

}  // namespace hexaplex
