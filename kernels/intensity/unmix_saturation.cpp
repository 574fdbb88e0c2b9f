#include <mutex>
#include <vector>

#include "kernels/intensity/unmix.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

HX_CLONES std::int64_t mark(const std::uint16_t* src, double limit, int n, std::uint8_t* mask) {
  std::int64_t count = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint8_t hit = src[i] >= limit;
    count += hit;
    mask[i] |= hit;
  }
  return count;
}

HX_CLONES std::int64_t mark(const float* src, double limit, int n, std::uint8_t* mask) {
  std::int64_t count = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint8_t hit = src[i] >= limit;
    count += hit;
    mask[i] |= hit;
  }
  return count;
}

template <class T>
void run(const Queue& q, std::span<const Plane<const T>> bands, double limit, Plane<std::uint8_t> saturated,
         std::span<std::int64_t> counts) {
  HX_EXPECT(!bands.empty(), "one band at least is needed");
  HX_EXPECT(counts.size() == bands.size(), "one count per band is needed");
  HX_EXPECT(limit == limit, "the camera's saturation must be a number");
  const Extent extent = bands[0].extent;
  for (const auto& p : bands) HX_EXPECT(p.extent == extent, "the bands differ in extent");
  HX_EXPECT(saturated.data == nullptr || saturated.extent == extent, "mask and bands differ in extent");
  if (extent.empty()) return;
  std::visit([&](const auto& queue) { detail::mark_saturated(queue, bands, limit, saturated, counts); }, q);
}

}  // namespace

void mark_saturated(const Queue& q, std::span<const Plane<const std::uint16_t>> bands, double saturation_counts,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts) {
  run(q, bands, saturation_counts, saturated, counts);
}

void mark_saturated(const Queue& q, std::span<const Plane<const float>> bands, double saturation_counts,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts) {
  run(q, bands, saturation_counts, saturated, counts);
}

namespace detail {

template <class T>
void mark_saturated(const CpuQueue& q, std::span<const Plane<const T>> bands, double limit,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts) {
  const Extent extent = bands[0].extent;
  std::mutex guard;
  for_each_band(q, extent.height, 32, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> found(bands.size());
    std::vector<std::uint8_t> row(extent.width);
    for (int y = static_cast<int>(begin); y < end; ++y) {
      std::uint8_t* mask = saturated.data == nullptr ? row.data() : saturated.row(y);
      for (int x = 0; x < extent.width; ++x) mask[x] = 0;
      for (std::size_t b = 0; b < bands.size(); ++b) found[b] += mark(bands[b].row(y), limit, extent.width, mask);
    }
    std::lock_guard<std::mutex> lock(guard);
    for (std::size_t b = 0; b < bands.size(); ++b) counts[b] += found[b];
  });
}

template void mark_saturated(const CpuQueue&, std::span<const Plane<const std::uint16_t>>, double, Plane<std::uint8_t>,
                             std::span<std::int64_t>);
template void mark_saturated(const CpuQueue&, std::span<const Plane<const float>>, double, Plane<std::uint8_t>,
                             std::span<std::int64_t>);

}  // namespace detail
}  // namespace hexaplex
