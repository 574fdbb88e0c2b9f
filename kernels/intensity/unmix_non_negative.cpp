#include <algorithm>
#include <bit>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_active_set.h"
#include "kernels/intensity/unmix_checks.h"
#include "kernels/intensity/unmix_pixel.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

using detail::PivotState;

// Pixels solved together, round by round. A round has no branch that depends on the pixel, so the processor overlaps
// them; which pixels share a block changes nothing in the result.
constexpr int kBlock = 64;

alignas(64) constexpr std::int64_t kLaneBit[16] = {1 << 0,  1 << 1,  1 << 2,  1 << 3, 1 << 4,  1 << 5,
                                                   1 << 6,  1 << 7,  1 << 8,  1 << 9, 1 << 10, 1 << 11,
                                                   1 << 12, 1 << 13, 1 << 14, 1 << 15};

/// Working memory of a block: one row of lanes per pixel.
template <int kLanes>
struct Block {
  alignas(64) double correlation[kBlock * kLanes];  ///< c = A^T b
  alignas(64) double solution[kBlock * kLanes];     ///< M c of the last pivot
  alignas(64) float written[kBlock * kLanes];
  double scale[kBlock];  ///< max |c|
  PivotState state[kBlock];
  std::uint32_t negative[kBlock];
  int active[kBlock];
  std::uint16_t sets[kBlock];  ///< passive sets to remember, or to start from
};

template <int kLanes>
[[gnu::always_inline]] inline void correlate(const UnmixModel& m, const double* counts, int n, Block<kLanes>& block) {
  const double* library = m.library.data();
  for (int p = 0; p < n; p += 4) {  // four pixels share each row of the library
    alignas(64) double s0[kLanes] = {}, s1[kLanes] = {}, s2[kLanes] = {}, s3[kLanes] = {};
    for (int b = 0; b < m.bands; ++b) {
      const double* row = library + b * kLanes;
      const double* v = counts + b * kBlock + p;
      const double v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
#pragma omp simd
      for (int l = 0; l < kLanes; ++l) {
        s0[l] += row[l] * v0;
        s1[l] += row[l] * v1;
        s2[l] += row[l] * v2;
        s3[l] += row[l] * v3;
      }
    }
    double* c = block.correlation + p * kLanes;
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) {
      c[l] = s0[l];
      c[kLanes + l] = s1[l];
      c[2 * kLanes + l] = s2[l];
      c[3 * kLanes + l] = s3[l];
    }
  }
}

/// Index set of the rows below `limit`.
template <int kLanes>
[[gnu::always_inline]] inline std::uint32_t rows_below(const double* rows, double limit) {
  std::int64_t set = 0;
#pragma omp simd reduction(| : set)
  for (int l = 0; l < kLanes; ++l) set |= rows[l] < limit ? kLaneBit[l] : 0;
  return static_cast<std::uint32_t>(set);
}

// A pixel whose pivoting did not end by itself has this set, where the search starts: it is searched again.
[[gnu::always_inline]] inline std::uint32_t every_component(const UnmixModel& m) {
  return detail::first_passive_set(m.components).passive;
}

template <int kLanes>
[[gnu::always_inline]] inline void start(const UnmixModel& m, int n, Block<kLanes>& block) {
  for (int p = 0; p < n; ++p) {
    const double* c = block.correlation + p * kLanes;
    double largest = 0;
#pragma omp simd reduction(max : largest)
    for (int l = 0; l < kLanes; ++l) {
      const double magnitude = c[l] < 0 ? -c[l] : c[l];
      largest = magnitude > largest ? magnitude : largest;
    }
    block.scale[p] = largest;
    block.state[p] = detail::first_passive_set(m.components);
    block.active[p] = p;
  }
}

/// Pivots until no pixel has a negative row, or the rounds are used up; gives the number of pixels left.
template <int kLanes>
[[gnu::always_inline]] inline int pivot(const UnmixModel& m, int n, Block<kLanes>& block, std::int64_t& pivots) {
  const double* table = m.pivots.data();
  const std::size_t stride = m.pivot_stride();
  int left = n;
  for (int round = 0; round < detail::kMaxRounds && left > 0; ++round) {
    pivots += left;
    for (int i = 0; i < left; ++i) {
      const int p = block.active[i];
      detail::multiply<kLanes>(table + block.state[p].passive * stride, block.correlation + p * kLanes, m.components,
                               block.solution + p * kLanes);
    }
    for (int i = 0; i < left; ++i) {
      const int p = block.active[i];
      block.negative[i] = rows_below<kLanes>(block.solution + p * kLanes, -detail::kFeasibility * block.scale[p]);
    }
    int kept = 0;
    for (int i = 0; i < left; ++i) {
      const int p = block.active[i];
      const std::uint32_t negative = block.negative[i];
      PivotState next = block.state[p];
      detail::next_passive_set(next, negative, std::popcount(negative));
      block.state[p] = next;
      block.active[kept] = p;
      kept += negative != 0;
    }
    left = kept;
  }
  return left;
}

template <int kLanes>
[[gnu::always_inline]] inline void write_values(const UnmixModel& m, const double* solution, std::uint32_t passive,
                                                float* written) {
  const double* to_value = m.pivot_values.data() + static_cast<std::size_t>(passive) * kLanes;
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) written[l] = detail::written_value(solution[l], to_value[l]);
}

/// Violation of the optimality conditions by the values written, over max |c|.
template <int kLanes>
[[gnu::always_inline]] inline double relative_violation(const UnmixModel& m, const double* c, double scale,
                                                        const float* written) {
  alignas(64) double x[kLanes], product[kLanes];
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) x[l] = written[l];
  detail::multiply<kLanes>(m.gram.data(), x, m.components, product);
  double largest = 0;
#pragma omp simd reduction(max : largest)
  for (int l = 0; l < kLanes; ++l) {
    const double v = detail::violation(c[l] - product[l], x[l]);
    largest = v > largest ? v : largest;
  }
  return scale > 0 ? largest / scale : 0.0;
}

/// The passive set whose written values violate the conditions least, the first of equals: for pixels on which rounding
/// keeps the pivoting from ending. Takes 2^components products.
template <int kLanes>
double search_all_sets(const UnmixModel& m, const double* c, double scale, float* written) {
  alignas(64) double solution[kLanes];
  alignas(64) float trial[kLanes];
  double least = -1;
  for (std::uint32_t passive = 0; passive < 1u << m.components; ++passive) {
    detail::multiply<kLanes>(m.pivots.data() + passive * m.pivot_stride(), c, m.components, solution);
    write_values<kLanes>(m, solution, passive, trial);
    const double worst = relative_violation<kLanes>(m, c, scale, trial);
    if (least >= 0 && worst >= least) continue;
    least = worst;
    std::copy(trial, trial + kLanes, written);
  }
  return least;
}

/// From the correlations on.
template <int kLanes>
[[gnu::always_inline]] inline void finish(const UnmixModel& m, int n, Block<kLanes>& block, NonNegativeReport& report) {
  start(m, n, block);
  const int left = pivot(m, n, block, report.pivots);
  for (int p = 0; p < n; ++p)
    write_values<kLanes>(m, block.solution + p * kLanes, block.state[p].passive, block.written + p * kLanes);
  std::uint64_t unfinished = 0;
  for (int i = 0; i < left; ++i) unfinished |= std::uint64_t{1} << block.active[i];
  for (int p = 0; p < n; ++p) {
    const double* c = block.correlation + p * kLanes;
    block.sets[p] = static_cast<std::uint16_t>(block.state[p].passive);
    double worst = relative_violation<kLanes>(m, c, block.scale[p], block.written + p * kLanes);
    if (worst > detail::kRetryViolation || (unfinished >> p & 1)) {
      ++report.fallback_pixels;
      worst = search_all_sets<kLanes>(m, c, block.scale[p], block.written + p * kLanes);
      block.sets[p] = static_cast<std::uint16_t>(every_component(m));
    }
    report.max_violation = std::max(report.max_violation, worst);
  }
  report.pixels += n;
}

/// Where pivoting ended once, it ends at once. Only pixels that start with every component may have been decided by the
/// exhaustive search: those are pivoted and judged as the first time.
template <int kLanes>
[[gnu::always_inline]] inline void solve_from_sets(const UnmixModel& m, const double* counts, int n,
                                                   Block<kLanes>& block, NonNegativeReport& report) {
  correlate(m, counts, n, block);
  int cold = 0;
  for (int p = 0; p < n; ++p) {
    const std::uint32_t passive = block.sets[p];
    const double* c = block.correlation + p * kLanes;
    if (passive == every_component(m)) {
      block.active[cold++] = p;
      continue;
    }
    detail::multiply<kLanes>(m.pivots.data() + passive * m.pivot_stride(), c, m.components,
                             block.solution + p * kLanes);
    write_values<kLanes>(m, block.solution + p * kLanes, passive, block.written + p * kLanes);
  }
  if (cold == 0) return;
  // The others move together to the front of a block of their own.
  Block<kLanes> again;
  for (int i = 0; i < cold; ++i)
    std::copy_n(block.correlation + block.active[i] * kLanes, kLanes, again.correlation + i * kLanes);
  finish(m, cold, again, report);
  for (int i = 0; i < cold; ++i)
    std::copy_n(again.written + i * kLanes, kLanes, block.written + block.active[i] * kLanes);
}

HX_CLONES void solve_block(const UnmixModel& m, const double* counts, int n, Block<8>& block, NonNegativeReport& r) {
  correlate(m, counts, n, block);
  finish(m, n, block, r);
}

HX_CLONES void solve_block(const UnmixModel& m, const double* counts, int n, Block<16>& block, NonNegativeReport& r) {
  correlate(m, counts, n, block);
  finish(m, n, block, r);
}

HX_CLONES void solve_again(const UnmixModel& m, const double* counts, int n, Block<8>& block, NonNegativeReport& r) {
  solve_from_sets(m, counts, n, block, r);
}

HX_CLONES void solve_again(const UnmixModel& m, const double* counts, int n, Block<16>& block, NonNegativeReport& r) {
  solve_from_sets(m, counts, n, block, r);
}

/// Blocks of libraries without a table: each pixel on its own.
struct UntabledBlock {
  float written[kBlock * kMaxComponents];
  std::uint16_t sets[1];  ///< not filled
};

HX_CLONES void solve_block(const UnmixModel& m, const double* counts, int n, UntabledBlock& block,
                           NonNegativeReport& report) {
  for (int p = 0; p < n; ++p) {
    alignas(64) double c[kMaxComponents] = {};
    for (int b = 0; b < m.bands; ++b) {
      const double v = counts[b * kBlock + p];
      const double* row = m.library.data() + static_cast<std::size_t>(b) * m.lanes;
      for (int l = 0; l < m.lanes; ++l) c[l] += row[l] * v;
    }
    double scale = 0;
    for (int i = 0; i < m.components; ++i) scale = std::max(scale, c[i] < 0 ? -c[i] : c[i]);
    const detail::PixelProblem problem{m.gram.data(), c,       m.to_value.data(),
                                       m.components,  m.lanes, detail::kFeasibility * scale};
    const detail::UntabledResult found =
        detail::solve_untabled(problem, scale, block.written + p * m.lanes, report.pivots);
    report.fallback_pixels += found.fell_back;
    report.max_violation = std::max(report.max_violation, found.violation);
  }
  report.pixels += n;
}

HX_CLONES void load(const std::uint16_t* src, double offset, int n, double* dst) {
  for (int i = 0; i < n; ++i) dst[i] = static_cast<double>(src[i]) - offset;
}

HX_CLONES void load(const float* src, double offset, int n, double* dst) {
  for (int i = 0; i < n; ++i) dst[i] = static_cast<double>(src[i]) - offset;
}

// Solves an image block by block. `remembered` are sets to start from, `sets` a plane to write them to; either may be
// without data.
template <class Work, class Solve, class T>
NonNegativeReport run_with(const CpuQueue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                           std::span<const Plane<float>> components, Plane<const std::uint16_t> remembered,
                           Plane<std::uint16_t> sets, Solve solve) {
  const Extent extent = bands[0].extent;
  NonNegativeReport total;
  std::mutex guard;
  for_each_band(q, extent.height, 4, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> counts(static_cast<std::size_t>(m.bands) * kBlock);
    const auto work = std::make_unique<Work>();
    NonNegativeReport report;
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < extent.width; x += kBlock) {
        const int n = std::min(kBlock, extent.width - x);
        for (int b = 0; b < m.bands; ++b)
          load(bands[b].row(y) + x, m.offset_counts, n, &counts[static_cast<std::size_t>(b) * kBlock]);
        if (remembered.data != nullptr) std::copy_n(remembered.row(y) + x, n, work->sets);
        solve(m, counts.data(), n, *work, report);
        if (sets.data != nullptr) std::copy_n(work->sets, n, sets.row(y) + x);
        for (int i = 0; i < m.components; ++i) {
          if (components[i].data == nullptr) continue;
          float* dst = components[i].row(y) + x;
          for (int p = 0; p < n; ++p) dst[p] = work->written[p * m.lanes + i];
        }
      }
    std::lock_guard<std::mutex> lock(guard);
    total.merge(report);
  });
  return total;
}

constexpr auto kSolve = [](const auto& m, const double* counts, int n, auto& block, auto& report) {
  solve_block(m, counts, n, block, report);
};
constexpr auto kSolveAgain = [](const auto& m, const double* counts, int n, auto& block, auto& report) {
  solve_again(m, counts, n, block, report);
};

template <class T>
NonNegativeReport run(const Queue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                      std::span<const Plane<float>> components, Plane<std::uint16_t> sets) {
  const Extent extent = detail::unmix_extent(m, bands, components);
  HX_EXPECT(sets.data == nullptr || (m.tabled() && sets.extent == extent),
            "passive sets need a plane of the bands' extent and a model with a table");
  if (extent.empty()) return {};
  return std::visit([&](const auto& queue) { return detail::unmix_non_negative(queue, m, bands, components, sets); },
                    q);
}

template <class T>
void run_again(const Queue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
               Plane<const std::uint16_t> sets, std::span<const Plane<float>> components) {
  HX_EXPECT(m.tabled(), "this model has no table of passive sets");
  HX_EXPECT(static_cast<int>(components.size()) == m.components, "one plane per component is needed");
  std::vector<Plane<float>> wanted;
  for (const auto& c : components)
    if (c.data != nullptr) wanted.push_back(c);
  const Extent extent = detail::check_extents(m, bands, std::span<const Plane<float>>(wanted));
  HX_EXPECT(sets.extent == extent, "the passive sets have another extent than the bands");
  if (extent.empty()) return;
  std::visit([&](const auto& queue) { detail::unmix_from_sets(queue, m, bands, sets, components); }, q);
}

}  // namespace

void NonNegativeReport::merge(const NonNegativeReport& other) {
  pixels += other.pixels;
  pivots += other.pivots;
  fallback_pixels += other.fallback_pixels;
  max_violation = std::max(max_violation, other.max_violation);
}

NonNegativeReport unmix_non_negative(const Queue& q, const UnmixModel& model,
                                     std::span<const Plane<const std::uint16_t>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets) {
  return run(q, model, bands, components, sets);
}

NonNegativeReport unmix_non_negative(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets) {
  return run(q, model, bands, components, sets);
}

void unmix_from_sets(const Queue& q, const UnmixModel& model, std::span<const Plane<const std::uint16_t>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components) {
  run_again(q, model, bands, sets, components);
}

void unmix_from_sets(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components) {
  run_again(q, model, bands, sets, components);
}

namespace detail {

template <class T>
NonNegativeReport unmix_non_negative(const CpuQueue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets) {
  if (!m.tabled()) return run_with<UntabledBlock>(q, m, bands, components, {}, {}, kSolve);
  return m.lanes == 8 ? run_with<Block<8>>(q, m, bands, components, {}, sets, kSolve)
                      : run_with<Block<16>>(q, m, bands, components, {}, sets, kSolve);
}

template <class T>
void unmix_from_sets(const CpuQueue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components) {
  if (m.lanes == 8) {
    run_with<Block<8>>(q, m, bands, components, sets, {}, kSolveAgain);
  } else {
    run_with<Block<16>>(q, m, bands, components, sets, {}, kSolveAgain);
  }
}

template NonNegativeReport unmix_non_negative(const CpuQueue&, const UnmixModel&,
                                              std::span<const Plane<const std::uint16_t>>,
                                              std::span<const Plane<float>>, Plane<std::uint16_t>);
template NonNegativeReport unmix_non_negative(const CpuQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                                              std::span<const Plane<float>>, Plane<std::uint16_t>);
template void unmix_from_sets(const CpuQueue&, const UnmixModel&, std::span<const Plane<const std::uint16_t>>,
                              Plane<const std::uint16_t>, std::span<const Plane<float>>);
template void unmix_from_sets(const CpuQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                              Plane<const std::uint16_t>, std::span<const Plane<float>>);

}  // namespace detail
}  // namespace hexaplex
