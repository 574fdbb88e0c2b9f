#include "kernels/measure/border_band.h"

#include <algorithm>
#include <limits>

#include "kernels/runtime/error.h"

namespace hexaplex {

BorderBand::BorderBand(Extent image, int reach2_px) : image_(image) {
  HX_EXPECT(reach2_px >= 1 && reach2_px <= kMaxReach * kMaxReach, "the border band is 1 to 64 pixels wide");
  for (int dy = 0; dy * dy <= reach2_px; ++dy) {
    int w = 0;
    while ((w + 1) * (w + 1) + dy * dy <= reach2_px) ++w;
    half_width_.push_back(w);
  }
}

// Keeps of inside_ what has all of [x - half_width, x + half_width] within `with`.
void BorderBand::intersect_eroded(std::span<const Interval> with, int half_width) {
  constexpr int kFar = std::numeric_limits<int>::max() / 2;
  next_.clear();
  std::size_t i = 0;
  for (const Interval& w : with) {
    // What lies beyond the edge of the image counts as the region itself.
    const int begin = w.begin <= 0 ? -kFar : w.begin + half_width;
    const int end = w.end >= image_.width ? kFar : w.end - half_width;
    while (i < inside_.size() && inside_[i].end <= begin) ++i;
    for (std::size_t j = i; j < inside_.size() && inside_[j].begin < end; ++j) {
      const Interval cut{std::max(inside_[j].begin, begin), std::min(inside_[j].end, end)};
      if (cut.begin < cut.end) next_.push_back(cut);
    }
  }
  inside_.swap(next_);
}

void BorderBand::mark(std::span<const PixelRun> runs, std::vector<PixelRun>& out) {
  out.clear();
  region_.assign(runs);
  const int reach = halo_px();
  const PixelRun* run = runs.data();
  for (std::size_t row = 0; row < region_.size(); ++row) {
    const auto own = region_[row];
    const int own_y = region_.y(row);
    inside_.assign(own.begin(), own.end());
    for (int dy = -reach; dy <= reach && !inside_.empty(); ++dy) {
      const int y = own_y + dy;
      if (y < 0 || y >= image_.height) continue;
      intersect_eroded(region_.at_y(y), half_width_[static_cast<std::size_t>(dy < 0 ? -dy : dy)]);
    }
    std::size_t i = 0;
    for (; run != runs.data() + runs.size() && run->y == own_y; ++run) {
      int x = run->begin;
      while (x < run->end) {
        while (i < inside_.size() && inside_[i].end <= x) ++i;
        const bool inside = i < inside_.size() && inside_[i].begin <= x;
        const int stop = i == inside_.size() ? run->end : (inside ? inside_[i].end : inside_[i].begin);
        const int end = std::min(run->end, stop);
        const unsigned part = (run->part & kInnerPart) | (inside ? 0u : kBorderPart);
        if (!out.empty() && out.back().y == own_y && out.back().end == x && out.back().part == part)
          out.back().end = end;
        else
          out.push_back({own_y, x, end, part});
        x = end;
      }
    }
  }
}

}  // namespace hexaplex
