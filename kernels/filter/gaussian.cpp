#include "kernels/filter/gaussian.h"

#include <algorithm>
#include <cstring>

#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

int gaussian_halo(const GaussianParams& p) {
  return gaussian_radius(p.sigma_px);
}

void gaussian_blur(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const GaussianParams& p) {
  HX_EXPECT(p.sigma_px >= kMinGaussianSigmaPx && p.sigma_px <= kMaxGaussianSigmaPx, "sigma_px must lie in 0.2..64");
  HX_EXPECT(src.extent == dst.extent, "src and dst differ in extent");
  HX_EXPECT(is_sound(src) && is_sound(dst), "a plane needs data, and a pitch no smaller than its width");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::gaussian_blur(queue, src, dst, p); }, q);
}

namespace detail {
namespace {

/// Folds the taps of `count` neighbouring pixels. `before[k]` and `after[k]` are where the k-th taps of the first of
/// them lie, so that one loop serves both passes: rows above and below, or the same row shifted left and right.
struct Taps {
  const std::uint16_t* before[kMaxGaussianRadius + 1];
  const std::uint16_t* after[kMaxGaussianRadius + 1];
};

// The hot loops, each a plain function over restricted pointers so that it vectorises whatever it is called with.
HX_CLONES void first_taps(std::uint32_t* __restrict sums, int n, std::uint32_t w,
                          const std::uint16_t* __restrict centre) {
  for (int i = 0; i < n; ++i) sums[i] = gaussian_first(w, centre[i]);
}
HX_CLONES void add_pair(std::uint32_t* __restrict sums, int n, std::uint32_t w, const std::uint16_t* __restrict before,
                        const std::uint16_t* __restrict after) {
  for (int i = 0; i < n; ++i) sums[i] = gaussian_tap(sums[i], w, before[i], after[i]);
}
// Two pairs a round: half the traffic on the sums.
HX_CLONES void add_two_pairs(std::uint32_t* __restrict sums, int n, const std::uint32_t* __restrict w,
                             const std::uint16_t* __restrict before0, const std::uint16_t* __restrict after0,
                             const std::uint16_t* __restrict before1, const std::uint16_t* __restrict after1) {
  const std::uint32_t w0 = w[0], w1 = w[1];
  for (int i = 0; i < n; ++i)
    sums[i] = gaussian_tap(gaussian_tap(sums[i], w0, before0[i], after0[i]), w1, before1[i], after1[i]);
}
HX_CLONES void round_sums(const std::uint32_t* __restrict sums, int n, std::uint16_t* __restrict out) {
  for (int i = 0; i < n; ++i) out[i] = gaussian_round(sums[i]);
}

void fold_taps(const Taps& taps, const GaussianWeights& weights, int count, std::uint16_t* out) {
  constexpr int kBlock = 1024;  // sums of 4 KiB stay in the first cache while the taps stream past
  alignas(64) std::uint32_t sums[kBlock];
  for (int start = 0; start < count; start += kBlock) {
    const int n = std::min(kBlock, count - start);
    first_taps(sums, n, weights.weight[0], taps.before[0] + start);
    int k = 1;
    for (; k + 1 <= weights.radius; k += 2)
      add_two_pairs(sums, n, weights.weight + k, taps.before[k] + start, taps.after[k] + start,
                    taps.before[k + 1] + start, taps.after[k + 1] + start);
    if (k <= weights.radius) add_pair(sums, n, weights.weight[k], taps.before[k] + start, taps.after[k] + start);
    round_sums(sums, n, out + start);
  }
}

}  // namespace

void gaussian_blur(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst,
                   const GaussianParams& p) {
  const GaussianWeights weights = gaussian_weights(p.sigma_px);
  const int radius = weights.radius, width = src.width(), height = src.height();
  for_each_band(q, height, 32, [&](std::int64_t begin, std::int64_t end) {
    HostPlane<std::uint16_t> scratch({width + 2 * radius, 1});  // one row of the first pass, its edge pixels repeated
    std::uint16_t* row = scratch.data() + radius;
    Taps rows, shifts;
    for (int k = 0; k <= radius; ++k) shifts.before[k] = row - k, shifts.after[k] = row + k;
    for (int y = static_cast<int>(begin); y < end; ++y) {
      for (int k = 0; k <= radius; ++k) {
        rows.before[k] = src.row(nearest_inside(y - k, height));
        rows.after[k] = src.row(nearest_inside(y + k, height));
      }
      fold_taps(rows, weights, width, row);
      std::fill(row - radius, row, row[0]);
      std::fill(row + width, row + width + radius, row[width - 1]);
      fold_taps(shifts, weights, width, dst.row(y));
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
