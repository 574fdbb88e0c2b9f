#include <algorithm>
#include <vector>

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_checks.h"
#include "kernels/intensity/unmix_pixel.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kBlock = 256;  // pixels whose counts stay in the first cache: 35 bands take 35 kB

// One call adds up to eight bands, so that a partial sum is loaded and stored once for eight.
template <int kBands, bool kFirst>
[[gnu::always_inline]] inline void add_bands(const float* __restrict counts, const float* __restrict weights, int n,
                                             float* __restrict out) {
  float w[kBands];
  for (int b = 0; b < kBands; ++b) w[b] = weights[b];
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    float sum = kFirst ? 0.0f : out[i];
#pragma GCC unroll 8
    for (int b = 0; b < kBands; ++b) sum = detail::add_weighted(sum, w[b], counts[b * kBlock + i]);
    out[i] = sum;
  }
}

HX_CLONES void weigh(const float* counts, const float* weights, int bands, int n, bool clip, float* out) {
  int b = 0;
  if (bands >= 8) {
    add_bands<8, true>(counts, weights, n, out);
    b = 8;
  } else {
    add_bands<1, true>(counts, weights, n, out);
    b = 1;
  }
  for (; b + 8 <= bands; b += 8) add_bands<8, false>(counts + b * kBlock, weights + b, n, out);
  for (; b + 4 <= bands; b += 4) add_bands<4, false>(counts + b * kBlock, weights + b, n, out);
  for (; b < bands; ++b) add_bands<1, false>(counts + b * kBlock, weights + b, n, out);
  if (!clip) return;
#pragma omp simd
  for (int i = 0; i < n; ++i) out[i] = out[i] > 0 ? out[i] : 0.0f;
}

HX_CLONES void load(const std::uint16_t* src, float offset, int n, float* dst) {
  for (int i = 0; i < n; ++i) dst[i] = static_cast<float>(src[i]) - offset;
}

HX_CLONES void load(const float* src, float offset, int n, float* dst) {
  for (int i = 0; i < n; ++i) dst[i] = src[i] - offset;
}

template <class T>
void run(const Queue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
         std::span<const Plane<float>> components, bool clip) {
  if (detail::unmix_extent(m, bands, components).empty()) return;
  std::visit([&](const auto& queue) { detail::unmix_least_squares(queue, m, bands, components, clip); }, q);
}

}  // namespace

void unmix_least_squares(const Queue& q, const UnmixModel& model, std::span<const Plane<const std::uint16_t>> bands,
                         std::span<const Plane<float>> components, bool clip) {
  run(q, model, bands, components, clip);
}

void unmix_least_squares(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                         std::span<const Plane<float>> components, bool clip) {
  run(q, model, bands, components, clip);
}

namespace detail {

template <class T>
void unmix_least_squares(const CpuQueue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                         std::span<const Plane<float>> components, bool clip) {
  const Extent extent = bands[0].extent;
  const float offset = static_cast<float>(m.offset_counts);
  for_each_band(q, extent.height, 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> counts(static_cast<std::size_t>(m.bands) * kBlock);
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < extent.width; x += kBlock) {
        const int n = std::min(kBlock, extent.width - x);
        for (int b = 0; b < m.bands; ++b)
          load(bands[b].row(y) + x, offset, n, &counts[static_cast<std::size_t>(b) * kBlock]);
        for (int i = 0; i < m.components; ++i)
          weigh(counts.data(), &m.inverse[static_cast<std::size_t>(i) * m.bands], m.bands, n, clip,
                components[i].row(y) + x);
      }
  });
}

template void unmix_least_squares(const CpuQueue&, const UnmixModel&, std::span<const Plane<const std::uint16_t>>,
                                  std::span<const Plane<float>>, bool);
template void unmix_least_squares(const CpuQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                                  std::span<const Plane<float>>, bool);

}  // namespace detail
}  // namespace hexaplex
