#include "core/spatial/clusters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// Points by squares of the radius' side: whoever is in reach lies in one of nine.
class PointGrid {
 public:
  PointGrid(std::span<const PointUm> points, double radius) : points_(points), radius2_(radius * radius) {
    for (const PointUm& p : points) {
      left_ = std::min(left_, p.x);
      top_ = std::min(top_, p.y);
    }
    for (const PointUm& p : points) squares_.push_back(square_of(p, radius));
    order_.resize(points.size());
    std::iota(order_.begin(), order_.end(), 0u);
    // Within a square in the order of the list.
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return squares_[a] != squares_[b] ? squares_[a] < squares_[b] : a < b;
    });
  }

  // Calls f(index) for all points in reach, itself included.
  template <class F>
  void for_each_near(std::uint32_t i, F f) const {
    const Square at = squares_[i];
    for (std::int64_t row = at.row - 1; row <= at.row + 1; ++row) {
      const auto first = std::lower_bound(order_.begin(), order_.end(), Square{row, at.column - 1},
                                          [&](std::uint32_t k, const Square& s) { return squares_[k] < s; });
      for (auto it = first; it != order_.end() && squares_[*it].row == row && squares_[*it].column <= at.column + 1;
           ++it) {
        const double dx = points_[*it].x - points_[i].x, dy = points_[*it].y - points_[i].y;
        if (dx * dx + dy * dy <= radius2_) f(*it);
      }
    }
  }

 private:
  struct Square {
    std::int64_t row, column;
    bool operator==(const Square&) const = default;
    bool operator<(const Square& o) const { return row != o.row ? row < o.row : column < o.column; }
  };
  Square square_of(const PointUm& p, double radius) const {
    return {static_cast<std::int64_t>(std::floor((p.y - top_) / radius)),
            static_cast<std::int64_t>(std::floor((p.x - left_) / radius))};
  }

  std::span<const PointUm> points_;
  double radius2_, left_ = 0, top_ = 0;
  std::vector<Square> squares_;
  std::vector<std::uint32_t> order_;
};

std::uint32_t root_of(std::vector<std::uint32_t>& parent, std::uint32_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

}  // namespace

std::vector<std::int32_t> find_clusters(std::span<const PointUm> points, double radius_um, int min_points) {
  HX_EXPECT(radius_um >= 1e-6 && radius_um < 1e9, "the radius must be above 0");
  HX_EXPECT(min_points >= 1, "a core has itself in reach at least");
  for (const PointUm& p : points) HX_EXPECT(std::abs(p.x) < 1e9 && std::abs(p.y) < 1e9, "coordinates must be finite");
  const auto count = static_cast<std::uint32_t>(points.size());
  const PointGrid grid(points, radius_um);
  std::vector<char> core(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    int near = 0;
    grid.for_each_near(i, [&](std::uint32_t) { ++near; });
    core[i] = near >= min_points;
  }
  std::vector<std::uint32_t> parent(count);  // the smaller index is the root
  std::iota(parent.begin(), parent.end(), 0u);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (core[i] == 0) continue;
    grid.for_each_near(i, [&](std::uint32_t k) {
      if (core[k] == 0) return;
      const std::uint32_t a = root_of(parent, i), b = root_of(parent, k);
      parent[std::max(a, b)] = std::min(a, b);
    });
  }
  std::vector<std::int32_t> cluster(count, -1);
  std::int32_t next = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (core[i] == 0) continue;
    const std::uint32_t root = root_of(parent, i);
    cluster[i] = root == i ? next++ : cluster[root];
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (core[i] != 0) continue;
    std::uint32_t first = count;
    grid.for_each_near(i, [&](std::uint32_t k) {
      if (core[k] != 0) first = std::min(first, k);
    });
    if (first < count) cluster[i] = cluster[first];
  }
  return cluster;
}

}  // namespace hexaplex
