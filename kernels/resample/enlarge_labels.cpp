#include "kernels/resample/enlarge_labels.h"

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/resample/enlarge_labels_pixel.h"
#include "kernels/resample/shrink.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

using Weights = std::array<std::int64_t, 3>;  // of the coarse pixels before, at and after

Weights spline(std::int64_t i, std::int64_t factor) {
  return {detail::spline_weight(0, i, factor), detail::spline_weight(1, i, factor),
          detail::spline_weight(2, i, factor)};
}

using Neighbours = std::array<std::uint32_t, 9>;

std::uint32_t heaviest(const Neighbours& label, const Weights& across, const Weights& down) {
  std::uint32_t best = 0;
  std::int64_t most = -1;
  for (const std::uint32_t candidate : label) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < label.size(); ++i) sum += label[i] == candidate ? down[i / 3] * across[i % 3] : 0;
    if (sum > most || (sum == most && candidate < best)) best = candidate, most = sum;
  }
  return best;
}

}  // namespace

void enlarge_labels(const Queue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor) {
  HX_EXPECT(src.extent == shrunk_extent(dst.extent, factor), "src has another extent than dst shrunk by the factor");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  if (dst.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::enlarge_labels(queue, src, dst, factor); }, q);
}

namespace detail {

void enlarge_labels(const CpuQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor) {
  std::vector<Weights> weights;
  for (int i = 0; i < factor; ++i) weights.push_back(spline(i, factor));
  const int last_x = src.width() - 1, last_y = src.height() - 1;
  for_each_band(q, src.height(), 16, [&](std::int64_t begin, std::int64_t end) {
    for (int v = static_cast<int>(begin); v < end; ++v) {
      const std::array<const std::uint32_t*, 3> rows{src.row(std::max(v - 1, 0)), src.row(v),
                                                     src.row(std::min(v + 1, last_y))};
      const int bottom = std::min((v + 1) * factor, dst.height());
      for (int u = 0; u <= last_x; ++u) {
        Neighbours label;
        for (std::size_t i = 0; i < label.size(); ++i)
          label[i] = rows[i / 3][std::clamp(u - 1 + static_cast<int>(i % 3), 0, last_x)];
        const int left = u * factor, right = std::min(left + factor, dst.width());
        const bool plain = std::all_of(label.begin(), label.end(), [&](std::uint32_t l) { return l == label[4]; });
        for (int y = v * factor; y < bottom; ++y)
          for (int x = left; x < right; ++x)
            dst(x, y) = plain ? label[4] : heaviest(label, weights[x - left], weights[y - v * factor]);
      }
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
