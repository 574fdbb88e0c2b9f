#include "core/cells/shape.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/measure/region_stats.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kSqrt2 = 1.41421356237309504880;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double square_root(double x) {
  return __builtin_sqrt(x > 0 ? x : 0);
}

// Class of a border pixel by 1 + 2 * (border pixels beside it) + 10 * (border pixels at its corners):
// 0 does not count, 1 weighs 1, 2 weighs sqrt 2, 3 weighs (1 + sqrt 2) / 2.
struct PerimeterClasses {
  unsigned char of[50] = {};
  constexpr PerimeterClasses() {
    for (int code : {5, 7, 15, 17, 25, 27}) of[code] = 1;
    for (int code : {21, 33}) of[code] = 2;
    for (int code : {13, 23}) of[code] = 3;
  }
};
constexpr PerimeterClasses kClasses;

}  // namespace

Shape ShapeMeter::measure(std::span<const PixelRun> runs, bool full) {
  Shape shape;
  shape.centroid_x_px = shape.centroid_y_px = shape.extent = shape.perimeter_px = shape.major_axis_px = kNaN;
  shape.minor_axis_px = shape.eccentricity = shape.orientation_rad = shape.circularity = shape.solidity = kNaN;
  shape.max_caliper_px = shape.min_caliper_px = kNaN;
  if (runs.empty()) return shape;
  pixels_.assign(runs);
  int left = std::numeric_limits<int>::max(), right = std::numeric_limits<int>::min();
  for (const Interval& i : pixels_.all()) left = std::min(left, i.begin), right = std::max(right, i.end);
  shape.box_x = left;
  shape.box_y = pixels_.y(0);
  shape.box_width = right - left;
  shape.box_height = pixels_.y(pixels_.size() - 1) + 1 - shape.box_y;
  measure_moments(shape, full);
  if (!full) return shape;
  measure_perimeter(shape);
  if (shape.perimeter_px > 0) shape.circularity = 4 * kPi * shape.area_px / (shape.perimeter_px * shape.perimeter_px);
  measure_hull(shape);
  measure_calipers(shape);
  return shape;
}

void ShapeMeter::measure_moments(Shape& shape, bool full) const {
  std::int64_t n = 0;
  int128 sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
  for (std::size_t k = 0; k < pixels_.size(); ++k) {
    const std::int64_t y = pixels_.y(k) - shape.box_y;
    for (const Interval& i : pixels_[k]) {
      const std::int64_t b = i.begin - shape.box_x, e = i.end - shape.box_x, m = e - b;
      const std::int64_t x_sum = (b + e - 1) * m / 2;
      // Sum of squares of 0..t-1 is (t - 1) t (2 t - 1) / 6.
      const auto squares = [](int128 t) { return (t - 1) * t * (2 * t - 1) / 6; };
      n += m;
      sx += x_sum;
      sy += y * m;
      sxx += squares(e) - squares(b);
      sxy += static_cast<int128>(y) * x_sum;
      syy += static_cast<int128>(y) * y * m;
    }
  }
  const auto count = static_cast<double>(n);
  shape.area_px = count;
  shape.centroid_x_px = shape.box_x + static_cast<double>(sx) / count;
  shape.centroid_y_px = shape.box_y + static_cast<double>(sy) / count;
  shape.extent = count / (static_cast<double>(shape.box_width) * static_cast<double>(shape.box_height));
  if (!full) return;

  // n^2 times the central second moments: whole numbers.
  const int128 a = sxx * n - sx * sx, c = syy * n - sy * sy, b = sxy * n - sx * sy;
  const auto x_var = static_cast<double>(a), y_var = static_cast<double>(c), covar = static_cast<double>(b);
  const double spread = square_root((x_var - y_var) * (x_var - y_var) + 4 * covar * covar);
  const double large = (x_var + y_var + spread) / 2;
  // The small eigenvalue as determinant over the large one keeps its digits in long objects.
  constexpr int128 kFits = int128{1} << 62;
  const double determinant =
      a < kFits && c < kFits ? static_cast<double>(a * c - b * b) : x_var * y_var - covar * covar;
  const double small = large > 0 && determinant > 0 ? determinant / large : 0;
  shape.major_axis_px = 4 * square_root(large) / count;
  shape.minor_axis_px = 4 * square_root(small) / count;
  shape.eccentricity = large > 0 ? square_root(1 - small / large) : 0;
  if (a == c)
    shape.orientation_rad = b < 0 ? -kPi / 4 : kPi / 4;
  else
    shape.orientation_rad = 0.5 * exact_atan2(2 * covar, static_cast<double>(c - a));
}

// Pixels with a 4-neighbour that is not of the object, as intervals per row.
void ShapeMeter::find_border() {
  border_.clear();
  for (std::size_t k = 0; k < pixels_.size(); ++k) {
    const int y = pixels_.y(k);
    border_.start_row(y);
    inner_.clear();
    const bool covered =
        k > 0 && pixels_.y(k - 1) == y - 1 && k + 1 < pixels_.size() && pixels_.y(k + 1) == y + 1;  // above and below
    const auto own = pixels_[k];
    if (covered) {
      for (const Interval& i : own)
        if (i.end - i.begin > 2) inner_.push_back({i.begin + 1, i.end - 1});
      for (const std::size_t other : {k - 1, k + 1}) {
        next_.clear();
        const auto with = pixels_[other];
        std::size_t j = 0;
        for (const Interval& i : inner_) {
          while (j < with.size() && with[j].end <= i.begin) ++j;
          for (std::size_t t = j; t < with.size() && with[t].begin < i.end; ++t)
            next_.push_back({std::max(i.begin, with[t].begin), std::min(i.end, with[t].end)});
        }
        inner_.swap(next_);
      }
    }
    std::size_t j = 0;
    for (const Interval& i : own) {
      int x = i.begin;
      for (; j < inner_.size() && inner_[j].begin < i.end; ++j) {
        if (x < inner_[j].begin) border_.add({x, inner_[j].begin});
        x = inner_[j].end;
      }
      if (x < i.end) border_.add({x, i.end});
    }
  }
}

void ShapeMeter::measure_perimeter(Shape& shape) {
  find_border();
  const auto width = static_cast<std::size_t>(shape.box_width) + 2;
  for (auto* line : {&lines_[0], &lines_[1], &lines_[2], &nothing_})
    if (line->size() < width) line->resize(width);
  const auto paint = [&](std::size_t k, unsigned char value) {
    for (const Interval& i : border_[k])
      std::memset(lines_[k % 3].data() + (i.begin - shape.box_x + 1), value, static_cast<std::size_t>(i.end - i.begin));
  };
  std::int64_t counts[4] = {};
  paint(0, 1);
  for (std::size_t k = 0; k < pixels_.size(); ++k) {
    if (k + 1 < pixels_.size()) paint(k + 1, 1);
    const int y = pixels_.y(k);
    const unsigned char* here = lines_[k % 3].data() + 1;
    const unsigned char* up = (k > 0 && pixels_.y(k - 1) == y - 1 ? lines_[(k + 2) % 3] : nothing_).data() + 1;
    const unsigned char* down =
        (k + 1 < pixels_.size() && pixels_.y(k + 1) == y + 1 ? lines_[(k + 1) % 3] : nothing_).data() + 1;
    for (const Interval& i : border_[k])
      for (std::ptrdiff_t x = i.begin - shape.box_x; x < i.end - shape.box_x; ++x) {
        const int beside = here[x - 1] + here[x + 1] + up[x] + down[x];
        const int corners = up[x - 1] + up[x + 1] + down[x - 1] + down[x + 1];
        ++counts[kClasses.of[1 + 2 * beside + 10 * corners]];
      }
    if (k > 0) paint(k - 1, 0);
  }
  paint(pixels_.size() - 1, 0);
  shape.perimeter_px = static_cast<double>(counts[1]) + static_cast<double>(counts[2]) * kSqrt2 +
                       static_cast<double>(counts[3]) * ((1 + kSqrt2) / 2);
}

// The hull of the middles of all pixel edges, in half pixels: pixel x has its centre at 2 x. Left and right outline
// are convex chains over y, so pixel centres inside are counted row by row.
void ShapeMeter::measure_hull(Shape& shape) {
  left_.clear();
  right_.clear();
  const auto turn = [](const Point& a, const Point& b, const Point& c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  };
  const auto add = [&](std::int64_t y, std::int64_t from, std::int64_t to) {
    const Point l{from, y}, r{to, y};
    while (left_.size() >= 2 && turn(left_[left_.size() - 2], left_.back(), l) >= 0) left_.pop_back();
    left_.push_back(l);
    while (right_.size() >= 2 && turn(right_[right_.size() - 2], right_.back(), r) <= 0) right_.pop_back();
    right_.push_back(r);
  };
  // A row gives the levels 2 y - 1, 2 y and 2 y + 1; neighbouring rows share one.
  for (std::size_t k = 0; k < pixels_.size(); ++k) {
    const auto own = pixels_[k];
    const std::int64_t y = 2 * static_cast<std::int64_t>(pixels_.y(k));
    std::int64_t from = 2 * static_cast<std::int64_t>(own.front().begin);
    std::int64_t to = 2 * static_cast<std::int64_t>(own.back().end - 1);
    const std::int64_t own_from = from, own_to = to;
    if (k > 0 && pixels_.y(k - 1) + 1 == pixels_.y(k)) {
      const auto above = pixels_[k - 1];
      from = std::min(from, 2 * static_cast<std::int64_t>(above.front().begin));
      to = std::max(to, 2 * static_cast<std::int64_t>(above.back().end - 1));
    }
    add(y - 1, from, to);
    add(y, own_from - 1, own_to + 1);
    if (k + 1 == pixels_.size() || pixels_.y(k + 1) != pixels_.y(k) + 1) add(y + 1, own_from, own_to);
  }
  const auto divide_up = [](std::int64_t a, std::int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); };
  std::int64_t inside = 0;
  std::size_t l = 0, r = 0;
  for (std::int64_t y = 2 * static_cast<std::int64_t>(shape.box_y);
       y < 2 * (shape.box_y + std::int64_t{shape.box_height}); y += 2) {
    while (left_[l + 1].y < y) ++l;
    while (right_[r + 1].y < y) ++r;
    const Point &a = left_[l], &b = left_[l + 1], &c = right_[r], &d = right_[r + 1];
    const std::int64_t first = divide_up(a.x * (b.y - a.y) + (b.x - a.x) * (y - a.y), 2 * (b.y - a.y));
    const std::int64_t last = -divide_up(-(c.x * (d.y - c.y) + (d.x - c.x) * (y - c.y)), 2 * (d.y - c.y));
    inside += last - first + 1;
  }
  shape.solidity = shape.area_px / static_cast<double>(inside);
  hull_.assign(left_.begin(), left_.end());
  for (auto it = right_.rbegin(); it != right_.rend(); ++it)
    if (it->x != hull_.back().x || it->y != hull_.back().y) hull_.push_back(*it);
  if (hull_.back().x == hull_.front().x && hull_.back().y == hull_.front().y) hull_.pop_back();
}

void ShapeMeter::measure_calipers(Shape& shape) const {
  const std::size_t n = hull_.size();
  std::int64_t longest2 = 0;
  double narrowest = std::numeric_limits<double>::infinity();
  std::size_t opposite = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const Point &a = hull_[i], &b = hull_[(i + 1) % n];
    const auto height = [&](std::size_t k) {
      const Point& p = hull_[k % n];
      const std::int64_t cross = (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
      return cross < 0 ? -cross : cross;
    };
    if (opposite <= i) opposite = i + 1;
    const auto look = [&](std::size_t k) {
      for (const Point* end : {&a, &b}) {
        const std::int64_t dx = hull_[k % n].x - end->x, dy = hull_[k % n].y - end->y;
        longest2 = std::max(longest2, dx * dx + dy * dy);
      }
    };
    while (height(opposite + 1) > height(opposite)) ++opposite;
    look(opposite);
    if (height(opposite + 1) == height(opposite)) look(opposite + 1);  // a parallel edge
    const auto length2 = static_cast<double>((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
    narrowest = std::min(narrowest, static_cast<double>(height(opposite)) / square_root(length2));
  }
  shape.max_caliper_px = square_root(static_cast<double>(longest2)) / 2;
  shape.min_caliper_px = narrowest / 2;
}

}  // namespace hexaplex
