#include "kernels/measure/row_intervals.h"

#include <algorithm>

namespace hexaplex {

void RowIntervals::clear() {
  intervals_.clear();
  rows_.clear();
}

void RowIntervals::assign(std::span<const PixelRun> runs) {
  clear();
  for (const PixelRun& r : runs) {
    const bool same_row = !rows_.empty() && rows_.back().y == r.y;
    if (same_row && intervals_.back().end == r.begin) {
      intervals_.back().end = r.end;  // the inner object begins or ends here
      continue;
    }
    if (!same_row) start_row(r.y);
    add({r.begin, r.end});
  }
}

std::span<const Interval> RowIntervals::at_y(int y) const {
  const auto it = std::lower_bound(rows_.begin(), rows_.end(), y, [](const Row& r, int v) { return r.y < v; });
  if (it == rows_.end() || it->y != y) return {};
  return (*this)[static_cast<std::size_t>(it - rows_.begin())];
}

}  // namespace hexaplex
