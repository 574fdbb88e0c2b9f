#include "core/statistics/few_blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/statistics/quantile.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// Two-sided 95 % of Student's t, and the share of a normal distribution that lies below -t. Made with scipy 1.17:
// t.ppf(0.975, freedom) and norm.cdf(-t).
struct StudentRow {
  std::size_t freedom;
  double t, tail;
};
constexpr std::array kStudent{
    StudentRow{1, 12.7062, 0},         StudentRow{2, 4.3027, 0.000008},   StudentRow{3, 3.1824, 0.000730},
    StudentRow{4, 2.7764, 0.002748},   StudentRow{5, 2.5706, 0.005076},   StudentRow{6, 2.4469, 0.007204},
    StudentRow{7, 2.3646, 0.009024},   StudentRow{8, 2.3060, 0.010555},   StudentRow{9, 2.2622, 0.011844},
    StudentRow{10, 2.2281, 0.012936},  StudentRow{11, 2.2010, 0.013869},  StudentRow{12, 2.1788, 0.014673},
    StudentRow{13, 2.1604, 0.015372},  StudentRow{14, 2.1448, 0.015985},  StudentRow{15, 2.1314, 0.016526},
    StudentRow{16, 2.1199, 0.017007},  StudentRow{17, 2.1098, 0.017437},  StudentRow{18, 2.1009, 0.017824},
    StudentRow{19, 2.0930, 0.018174},  StudentRow{20, 2.0860, 0.018491},  StudentRow{25, 2.0595, 0.019721},
    StudentRow{30, 2.0423, 0.020562},  StudentRow{40, 2.0211, 0.021636},  StudentRow{60, 2.0003, 0.022734},
    StudentRow{120, 1.9799, 0.023856}, StudentRow{1000, 1.9623, 0.024862}};

const StudentRow& row_for(std::size_t freedom) {
  HX_EXPECT(freedom >= 1, "one degree of freedom is the least");
  const StudentRow* row = &kStudent.front();
  for (const StudentRow& next : kStudent)
    if (next.freedom <= freedom) row = &next;
  return *row;
}

double square(double x) {
  return x * x;
}

}  // namespace

double student_t95(std::size_t freedom) {
  return row_for(freedom).t;
}

EffectInterval expanded_percentile(std::span<const double> draws, std::size_t freedom) {
  HX_EXPECT(draws.size() >= 1000, "1000 draws are the least");
  std::vector<double> sorted(draws.begin(), draws.end());
  for (const double v : sorted) HX_EXPECT(std::isfinite(v), "a draw is not finite");
  std::sort(sorted.begin(), sorted.end());
  const double tail = row_for(freedom).tail;
  return {quantile_of_sorted(sorted, tail), quantile_of_sorted(sorted, 1 - tail)};
}

EffectInterval share_interval(double share, double variance, double size, std::size_t freedom) {
  HX_EXPECT(share >= 0 && share <= 1 && variance >= 0 && std::isfinite(variance) && size > 0,
            "a share lies between 0 and 1 and has an error");
  const double spread = share * (1 - share);
  if (spread > 0 && variance > 0) size = spread / variance;
  const double t2 = square(student_t95(freedom)), whole = 1 + t2 / size;
  const double middle = (share + t2 / (2 * size)) / whole;
  const double half = std::sqrt(t2 * (spread / size + t2 / (4 * size * size))) / whole;
  // Where none or all was found the near end is 0 or 1 itself, but for rounding.
  return {share == 0 ? 0 : std::max(0.0, middle - half), share == 1 ? 1 : std::min(1.0, middle + half)};
}

EffectInterval difference_interval(double a, const EffectInterval& of_a, double b, const EffectInterval& of_b) {
  const double difference = b - a;
  return {difference - std::sqrt(square(b - of_b.low) + square(of_a.high - a)),
          difference + std::sqrt(square(of_b.high - b) + square(a - of_a.low))};
}

}  // namespace hexaplex
