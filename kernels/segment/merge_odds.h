#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/runtime/exact_log.h"
#include "kernels/runtime/host_device.h"
#include "kernels/segment/merge.h"

namespace hexaplex::detail {

/// Whether the odds have a meaning.
inline bool is_sound(const MergeParams& p) {
  return p.nucleus_px >= 1e-100 && p.nucleus_px <= 1e100 && p.rounds >= 0;
}
inline constexpr const char* kMergeParamsError = "nucleus_px must be positive and finite, rounds not negative";

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

/// The double nearest to v, ties to even: what a conversion by the compiler gives, spelled out so that it is the same
/// code on the host and on the device.
HX_HD inline double nearest_double(Wide v) {
  const bool negative = v < 0;
  const UnsignedWide m = negative ? -static_cast<UnsignedWide>(v) : static_cast<UnsignedWide>(v);
  const auto high = static_cast<std::uint64_t>(m >> 64), low = static_cast<std::uint64_t>(m);
  double magnitude;
  if (high == 0) {
    magnitude = static_cast<double>(low);
  } else {
    // The upper 64 bits from the leading one on; a lowest bit that is set stands for all that were shifted out.
    int shift = 0;
    for (std::uint64_t rest = high; rest != 0; rest >>= 1) ++shift;
    const auto upper = static_cast<std::uint64_t>(m >> shift);
    const bool lost = (static_cast<UnsignedWide>(upper) << shift) != m;
    const double power = static_cast<double>(std::uint64_t{1} << (shift - 1)) * 2;
    magnitude = static_cast<double>(upper | static_cast<std::uint64_t>(lost)) * power;
  }
  return negative ? -magnitude : magnitude;
}

/// What the odds need of one region, from its sums.
struct MergeRegion {
  double area = 0, level = 0, wall = 0, round = 0;
};

inline constexpr double kMergePi = 3.14159265358979323846;

/// n times the sum of squares minus the square of the sum: exact, so that moving the image changes nothing.
HX_HD inline double spread(std::int64_t n, std::int64_t ab, std::int64_t a, std::int64_t b) {
  return nearest_double(static_cast<Wide>(n) * ab - static_cast<Wide>(a) * b);
}

HX_HD inline MergeRegion describe(const RegionSums& s, const MergeParams& p) {
  const auto n = static_cast<double>(s.area);
  const double pixel = 1.0 / 12;  // variance of a pixel's own extent
  const double xx = spread(s.area, s.xx, s.x, s.x) / (n * n) + pixel;
  const double yy = spread(s.area, s.yy, s.y, s.y) / (n * n) + pixel;
  const double xy = spread(s.area, s.xy, s.x, s.y) / (n * n);
  const double squared = xx * yy - xy * xy;
  const double determinant = squared < 1e-6 ? 1e-6 : squared;
  return {n, static_cast<double>(s.level) / n * p.level_unit, static_cast<double>(s.wall) / n * p.wall_unit,
          n / (4 * kMergePi * std::sqrt(determinant))};
}

HX_HD inline double lesser(double a, double b) {
  return b < a ? b : a;
}

/// Natural log-odds that two regions with this contact are one nucleus: the rule of MergeWeights.
HX_HD inline double log_odds(const Contact& c, const MergeRegion& i, const MergeRegion& j, const MergeParams& p) {
  const MergeWeights& w = p.weights;
  const auto length = static_cast<double>(c.length);
  const double area = i.area + j.area, nucleus = kMergePi / 4 * p.nucleus_px * p.nucleus_px;
  if (area >= p.largest_nuclei * nucleus) return -1;
  const double edge = static_cast<double>(c.level) / (2 * length) * p.level_unit;
  const double edge_wall = static_cast<double>(c.wall) / (2 * length) * p.wall_unit;
  const double smaller = lesser(i.area, j.area);
  const double neck = lesser(length / std::sqrt(4 / kMergePi * smaller), 1.5);
  double odds = w.bias;
  odds += w.depth * (lesser(i.level, j.level) - edge);
  odds += w.step * (i.level > j.level ? i.level - j.level : j.level - i.level);
  odds += w.neck * neck;
  odds += w.round * ((i.area * i.round + j.area * j.round) / area);
  odds += w.area * log_of_positive(area / nucleus);
  odds += w.wall * (edge_wall - (i.wall < j.wall ? j.wall : i.wall));
  return odds;
}

}  // namespace hexaplex::detail
