#include "core/statistics/significance.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "core/statistics/random_stream.h"
#include "core/statistics/ranks.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr double kMostListed = 1e6;           // arrangements
constexpr std::size_t kMostPairsListed = 20;  // 2^20 arrangements
constexpr std::size_t kMostCounted = 100;     // values whose rank sums are counted
constexpr std::uint64_t kDrawn = 99999;
constexpr std::uint64_t kSeed = 0x48455841504c4558u;  // "HEXAPLEX"

void check_sample(std::span<const double> values) {
  HX_EXPECT(!values.empty(), "a sample needs a value");
  for (const double v : values) HX_EXPECT(std::isfinite(v), "a sample holds a value that is not finite");
}

double ways_to_choose(std::size_t n, std::size_t k) {
  double ways = 1;
  for (std::size_t i = 1; i <= k; ++i) ways = ways * static_cast<double>(n - k + i) / static_cast<double>(i);
  return ways;
}

// How many arrangements lie on either side of the observed one, those that equal it on both.
struct Tails {
  double low = 0, high = 0, all = 0;

  // Sums of the same values in another order differ in their last bits: they are ties.
  void add(double value, double observed, double tolerance, double weight = 1) {
    if (value <= observed + tolerance) low += weight;
    if (value >= observed - tolerance) high += weight;
    all += weight;
  }
  double two_sided() const { return std::min(1.0, 2 * std::min(low, high) / all); }
};

double rounding_of_sums(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v < 0 ? -v : v;
  return sum * 1e-13;
}

Significance drawn(Tails tails) {
  tails.low += 1, tails.high += 1, tails.all += 1;  // the observed arrangement is one of them
  return {tails.two_sided(), false, kDrawn};
}

// Sums of every choice of `left` values from `values`, in the order of a fixed recursion.
void for_each_sum(std::span<const double> values, std::size_t left, double sum,
                  const std::function<void(double)>& visit) {
  if (left == 0) return visit(sum);
  for (std::size_t i = 0; i + left <= values.size(); ++i)
    for_each_sum(values.subspan(i + 1), left - 1, sum + values[i], visit);
}

// With the total fixed, the difference of means grows with the sum of one group: that sum is what is compared.
Tails listed_groups(std::span<const double> all, std::size_t chosen, double observed, double tolerance) {
  Tails tails;
  for_each_sum(all, chosen, 0, [&](double sum) { tails.add(sum, observed, tolerance); });
  return tails;
}

Tails drawn_groups(std::vector<double> all, std::size_t chosen, double observed, double tolerance) {
  RandomStream random(kSeed);
  Tails tails;
  for (std::uint64_t draw = 0; draw < kDrawn; ++draw) {
    double sum = 0;
    for (std::size_t i = 0; i < chosen; ++i) {
      std::swap(all[i], all[i + random.below(all.size() - i)]);
      sum += all[i];
    }
    tails.add(sum, observed, tolerance);
  }
  return tails;
}

Tails drawn_signs(std::span<const double> sizes, double observed, double tolerance) {
  RandomStream random(kSeed);
  Tails tails;
  for (std::uint64_t draw = 0; draw < kDrawn; ++draw) {
    double sum = 0;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i, bits >>= 1) {
      if (i % 64 == 0) bits = random.next();
      sum += (bits & 1) != 0 ? sizes[i] : -sizes[i];
    }
    tails.add(sum, observed, tolerance);
  }
  return tails;
}

std::vector<double> joined(std::span<const double> a, std::span<const double> b) {
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

// How often each sum comes of `chosen` of these whole numbers; with chosen = size, of any number of them.
std::vector<double> counted_sums(const std::vector<std::size_t>& numbers, std::size_t chosen, bool any_number) {
  const std::size_t total = std::accumulate(numbers.begin(), numbers.end(), std::size_t{0});
  const std::size_t rows = any_number ? 1 : chosen + 1;
  std::vector<double> ways(rows * (total + 1), 0.0);
  ways[0] = 1;
  for (const std::size_t number : numbers) {
    if (any_number) {
      for (std::size_t s = total; s >= number; --s) ways[s] += ways[s - number];
      continue;
    }
    for (std::size_t k = chosen; k >= 1; --k)
      for (std::size_t s = total; s >= number; --s)
        ways[k * (total + 1) + s] += ways[(k - 1) * (total + 1) + s - number];
  }
  return {ways.end() - static_cast<std::ptrdiff_t>(total + 1), ways.end()};
}

Significance counted(const std::vector<double>& ways, std::size_t observed) {
  Tails tails;
  for (std::size_t s = 0; s < ways.size(); ++s)
    tails.add(static_cast<double>(s), static_cast<double>(observed), 0, ways[s]);
  return {tails.two_sided(), true, 0};
}

}  // namespace

Significance permutation_test(std::span<const double> a, std::span<const double> b) {
  check_sample(a);
  check_sample(b);
  const std::vector<double> all = joined(a, b);
  const double observed = std::accumulate(a.begin(), a.end(), 0.0), tolerance = rounding_of_sums(all);
  if (ways_to_choose(all.size(), a.size()) > kMostListed)
    return drawn(drawn_groups(all, a.size(), observed, tolerance));
  const Tails tails = listed_groups(all, a.size(), observed, tolerance);
  return {tails.two_sided(), true, static_cast<std::uint64_t>(tails.all)};
}

Significance mann_whitney_test(std::span<const double> a, std::span<const double> b) {
  check_sample(a);
  check_sample(b);
  const std::vector<std::size_t> ranks = doubled_ranks(joined(a, b));
  const std::size_t observed =
      std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(a.size()), std::size_t{0});
  if (ranks.size() <= kMostCounted) return counted(counted_sums(ranks, a.size(), false), observed);
  return drawn(drawn_groups({ranks.begin(), ranks.end()}, a.size(), static_cast<double>(observed), 0));
}

Significance sign_flip_test(std::span<const double> differences) {
  check_sample(differences);
  const double observed = std::accumulate(differences.begin(), differences.end(), 0.0);
  const double tolerance = rounding_of_sums(differences);
  if (differences.size() > kMostPairsListed) return drawn(drawn_signs(differences, observed, tolerance));
  Tails tails;
  for (std::uint64_t signs = 0; signs < std::uint64_t{1} << differences.size(); ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < differences.size(); ++i)
      sum += (signs >> i & 1) != 0 ? -differences[i] : differences[i];
    tails.add(sum, observed, tolerance);
  }
  return {tails.two_sided(), true, static_cast<std::uint64_t>(tails.all)};
}

Significance signed_rank_test(std::span<const double> differences) {
  check_sample(differences);
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (const double d : differences) {
    if (d == 0) continue;
    sizes.push_back(d < 0 ? -d : d);
    positive.push_back(d > 0);
  }
  if (sizes.empty()) return {};
  const std::vector<std::size_t> ranks = doubled_ranks(sizes);
  std::size_t observed = 0, total = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    total += ranks[i];
    if (positive[i]) observed += ranks[i];
  }
  if (ranks.size() <= kMostCounted) return counted(counted_sums(ranks, ranks.size(), true), observed);
  // The positive ranks' sum grows with the signed sum.
  const double signed_sum = 2 * static_cast<double>(observed) - static_cast<double>(total);
  return drawn(drawn_signs(std::vector<double>(ranks.begin(), ranks.end()), signed_sum, 0));
}

double smallest_p_of_groups(std::size_t n, std::size_t m) {
  HX_EXPECT(n > 0 && m > 0, "a group needs a value");
  return std::min(1.0, 2 / ways_to_choose(n + m, std::min(n, m)));
}

double smallest_p_of_pairs(std::size_t n) {
  HX_EXPECT(n > 0, "a pair is needed");
  double p = 2;
  for (std::size_t i = 0; i < n; ++i) p /= 2;
  return p;
}

}  // namespace hexaplex
