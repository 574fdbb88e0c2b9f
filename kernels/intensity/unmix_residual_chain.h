#pragma once

#include <vector>

#include "kernels/intensity/unmix_residual.h"
#include "kernels/intensity/unmix_residual_pixel.h"
#include "kernels/intensity/upload.h"
#include "kernels/runtime/atomics.h"

namespace hexaplex::detail {

/// A sum of 128 bits that many threads add to: four limbs of 32 bits in counters of 64: 2^32 threads may add to them.
struct SquareLimbs {
  static constexpr int kLimbs = 4;
  std::uint64_t* limbs;

  HX_HD void add(const WideSum& sum) const {
    add_limb(0, sum.low & 0xffffffffu);
    add_limb(1, sum.low >> 32);
    add_limb(2, sum.high & 0xffffffffu);
    add_limb(3, sum.high >> 32);
  }

 private:
  HX_HD void add_limb(int limb, std::uint64_t value) const {
    if (value != 0) atomic_add(&limbs[limb], value);
  }
};

/// What SquareLimbs hold, on the host.
inline WideSum wide_sum(const std::uint64_t* limbs) {
  WideSum sum{limbs[0], limbs[2] + (limbs[3] << 32)};
  sum.add(WideSum{limbs[1] << 32, limbs[1] >> 32});
  return sum;
}

HX_HD inline void add_square_of(WideSum& sum, double value, double per_quantum, std::uint16_t) {
  const std::int64_t whole = whole_quanta(value, per_quantum);
  sum.add(static_cast<std::uint64_t>(whole * whole));
}
HX_HD inline void add_square_of(WideSum& sum, double value, double per_quantum, float) {
  sum.add_square(whole_float_quanta(value, per_quantum));
}

/// What residuals are computed from, in the queue's memory.
template <class T>
struct ResidualInput {
  const Plane<const T>* bands;
  const Plane<const float>* components;
  const double* library;  ///< [bands x lanes]
  int band_count, component_count, lanes;
  double offset;

  HX_HD double counts(int b, int x, int y) const { return static_cast<double>(bands[b](x, y)) - offset; }
  HX_HD double fitted(int b, int x, int y) const {
    double sum = 0;
    for (int k = 0; k < component_count; ++k)
      sum += library[static_cast<std::int64_t>(b) * lanes + k] * static_cast<double>(components[k](x, y));
    return sum;
  }
};

/// |b - A x| / |b| of a pixel.
template <class T>
struct RelativeResidualPixel {
  ResidualInput<T> input;
  Plane<float> relative;

  HX_HD void operator()(int x, int y) const {
    double signal = 0, residual = 0;
    for (int b = 0; b < input.band_count; ++b) {
      const double counts = input.counts(b, x, y), r = counts - input.fitted(b, x, y);
      signal += counts * counts;
      residual += r * r;
    }
    relative(x, y) = relative_residual(residual, signal);
  }
};

/// Thread i sums one band over every `workers`-th pixel, and hands its sums on once.
template <class T>
struct SumSquares {
  ResidualInput<T> input;
  double per_quantum;
  std::int64_t workers;
  std::uint64_t* sums;  ///< [bands x (signal, residual) x limbs]

  HX_HD void operator()(std::int64_t i) const {
    const int b = static_cast<int>(i / workers);
    const Extent extent = input.bands[b].extent;
    const std::int64_t pixels = extent.area();
    WideSum signal, residual;
    for (std::int64_t p = i % workers; p < pixels; p += workers) {
      const int y = static_cast<int>(static_cast<std::uint32_t>(p) / static_cast<std::uint32_t>(extent.width));
      const int x = static_cast<int>(p - static_cast<std::int64_t>(y) * extent.width);
      const double counts = input.counts(b, x, y);
      add_square_of(signal, counts, per_quantum, T{});
      add_square_of(residual, counts - input.fitted(b, x, y), per_quantum, T{});
    }
    std::uint64_t* own = sums + static_cast<std::int64_t>(b) * 2 * SquareLimbs::kLimbs;
    SquareLimbs{own}.add(signal);
    SquareLimbs{own + SquareLimbs::kLimbs}.add(residual);
  }
};

template <class Q, class T>
void unmix_residual_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                          std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums) {
  constexpr std::int64_t kMostWorkers = 1 << 14;  // a band
  const std::int64_t pixels = bands[0].extent.area();
  HX_EXPECT(pixels < 0xffffffff, "a plane on the device must have fewer than 2^32 - 1 pixels");
  const auto band_views = upload(q, bands);
  const auto component_views = upload(q, components);
  const auto library = upload(q, std::span<const double>(m.library));
  const ResidualInput<T> input{band_views.data(), component_views.data(), library.data(), m.bands, m.components,
                               m.lanes,           m.offset_counts};
  if (relative.data != nullptr)
    for_each_pixel(q, relative.extent, RelativeResidualPixel<T>{input, relative}, "residuals of pixels");
  constexpr std::size_t kPerBand = 2 * SquareLimbs::kLimbs;
  const WorkBuffer<std::uint64_t, Q> on_queue(q, kPerBand * m.bands);
  fill_bytes(q, on_queue.data(), 0, on_queue.size() * sizeof(std::uint64_t));
  const std::int64_t workers = pixels < kMostWorkers ? pixels : kMostWorkers;
  for_each_index(q, workers * m.bands, SumSquares<T>{input, 1 / sums.quantum, workers, on_queue.data()},
                 "sums of residuals");
  std::vector<std::uint64_t> found(on_queue.size());
  fetch(q, on_queue.data(), found.data(), found.size());
  sums.pixels += pixels;
  for (int b = 0; b < m.bands; ++b) {
    sums.signal_squares[b].add(wide_sum(&found[kPerBand * b]));
    sums.residual_squares[b].add(wide_sum(&found[kPerBand * b + SquareLimbs::kLimbs]));
  }
}

}  // namespace hexaplex::detail
