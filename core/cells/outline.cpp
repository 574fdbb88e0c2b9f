#include "core/cells/outline.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace hexaplex {

void OutlineTracer::collect(std::span<const PixelRun> runs) {
  pieces_.clear();
  for (const PixelRun& r : runs)
    if (!pieces_.empty() && pieces_.back().y == r.y && pieces_.back().end == r.begin)
      pieces_.back().end = r.end;
    else
      pieces_.push_back(r);
}

void OutlineTracer::keep_largest_piece() {
  const std::size_t n = pieces_.size();
  parent_.resize(n);
  for (std::size_t i = 0; i < n; ++i) parent_[i] = i;
  const auto root = [this](std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  };
  bool one = true;
  for (std::size_t i = 0, above = 0; i < n; ++i) {
    bool joined = i == 0;
    while (above < i && (pieces_[above].y < pieces_[i].y - 1 ||
                         (pieces_[above].y == pieces_[i].y - 1 && pieces_[above].end <= pieces_[i].begin)))
      ++above;
    for (std::size_t j = above; j < i && pieces_[j].y == pieces_[i].y - 1 && pieces_[j].begin < pieces_[i].end; ++j) {
      const std::size_t a = root(i), b = root(j);
      parent_[std::max(a, b)] = std::min(a, b);
      joined = true;
    }
    one = one && joined;
  }
  // Most objects are one piece; runs that met nothing above may still have been joined from below.
  if (one) return;
  area_.assign(n, 0);
  for (std::size_t i = 0; i < n; ++i) area_[root(i)] += pieces_[i].end - pieces_[i].begin;
  const auto largest = static_cast<std::size_t>(std::max_element(area_.begin(), area_.end()) - area_.begin());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i)
    if (root(i) == largest) pieces_[kept++] = pieces_[i];
  pieces_.resize(kept);
}

void OutlineTracer::paint() {
  int left = std::numeric_limits<int>::max(), right = std::numeric_limits<int>::min();
  for (const PixelRun& r : pieces_) left = std::min(left, r.begin), right = std::max(right, r.end);
  x0_ = left - 1;
  y0_ = pieces_.front().y - 1;
  width_ = right - left + 2;
  height_ = pieces_.back().y - pieces_.front().y + 3;
  inside_.assign(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_), 0);
  visited_.assign(inside_.size(), 0);
  for (const PixelRun& r : pieces_)
    std::memset(&inside_[static_cast<std::size_t>(r.y - y0_) * width_ + (r.begin - x0_)], 1,
                static_cast<std::size_t>(r.end - r.begin));
}

Outline OutlineTracer::trace(std::span<const PixelRun> runs) {
  Outline outline;
  collect(runs);
  if (pieces_.empty()) return outline;
  keep_largest_piece();
  paint();
  const auto at = [this](int x, int y) { return static_cast<std::size_t>(y) * width_ + x; };
  constexpr int kDx[4] = {1, 0, -1, 0}, kDy[4] = {0, 1, 0, -1};  // right, down, left, up
  // Every ring has an edge with the object below it; a ring is started at the first such edge nobody walked along.
  for (const PixelRun& r : pieces_)
    for (int start_x = r.begin - x0_; start_x < r.end - x0_; ++start_x) {
      const int start_y = r.y - y0_;
      if (inside_[at(start_x, start_y - 1)] || visited_[at(start_x, start_y)]) continue;
      auto& ring = outline.rings.emplace_back();
      int x = start_x, y = start_y, direction = 0;
      ring.push_back({x + x0_, y + y0_});
      while (true) {
        if (direction == 0) visited_[at(x, y)] = 1;
        x += kDx[direction];
        y += kDy[direction];
        // The pixels ahead of this corner, to the left and to the right of the way.
        const int dx = kDx[direction], dy = kDy[direction];
        const int right_x = x + (dx - dy - 1) / 2, right_y = y + (dy + dx - 1) / 2;
        const int left_x = x + (dx + dy - 1) / 2, left_y = y + (dy - dx - 1) / 2;
        int turn = 0;
        if (inside_[at(left_x, left_y)])
          turn = 3;
        else if (!inside_[at(right_x, right_y)])
          turn = 1;
        if (x == start_x && y == start_y && (direction + turn) % 4 == 0) {
          if (turn == 0) ring.erase(ring.begin());  // the start was no turning point
          break;
        }
        if (turn != 0) ring.push_back({x + x0_, y + y0_});
        direction = (direction + turn) % 4;
      }
    }
  return outline;
}

}  // namespace hexaplex
