#include "kernels/filter/laplacian_of_gaussian.h"

#include <algorithm>
#include <vector>

#include "kernels/filter/laplacian_of_gaussian_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_device.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

HX_CLONES void accumulate_column_taps(const std::uint16_t* above, const std::uint16_t* below, std::uint32_t* smooth,
                                      std::int32_t* second, int n, std::int32_t ws, std::int32_t wd) {
  for (int x = 0; x < n; ++x) {
    const std::uint32_t pair = static_cast<std::uint32_t>(above[x]) + below[x];
    smooth[x] += static_cast<std::uint32_t>(ws) * pair;
    // modulo 2^32: only the final sum has to fit
    second[x] =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(second[x]) + static_cast<std::uint32_t>(wd) * pair);
  }
}

HX_CLONES void narrow_columns(const std::uint32_t* smooth, const std::int32_t* second, std::int32_t* a, std::int32_t* b,
                              int n, int second_bits) {
  for (int x = 0; x < n; ++x) {
    a[x] = detail::blob_smooth(smooth[x]);
    b[x] = detail::blob_second(static_cast<std::uint32_t>(second[x]), second_bits);
  }
}

// `a` and `b` are padded by `radius` on both sides; their taps are added as two's complement modulo 2^32.
HX_CLONES void row_taps(const std::int32_t* a, const std::int32_t* b, std::int16_t* dst, int n, const std::int32_t* ws,
                        const std::int32_t* wd, int radius) {
  constexpr int kBlock = 128;
  for (int x0 = 0; x0 < n; x0 += kBlock) {
    std::uint32_t sum[kBlock];
    const int m = std::min(kBlock, n - x0);
    const std::int32_t *pa = a + x0, *pb = b + x0;
    for (int x = 0; x < m; ++x)
      sum[x] = static_cast<std::uint32_t>(wd[0]) * static_cast<std::uint32_t>(pa[x]) +
               static_cast<std::uint32_t>(ws[0]) * static_cast<std::uint32_t>(pb[x]);
    for (int k = 1; k <= radius; ++k) {
      const std::uint32_t s = static_cast<std::uint32_t>(ws[k]), d = static_cast<std::uint32_t>(wd[k]);
      for (int x = 0; x < m; ++x)
        sum[x] += d * static_cast<std::uint32_t>(pa[x - k] + pa[x + k]) +
                  s * static_cast<std::uint32_t>(pb[x - k] + pb[x + k]);
    }
    for (int x = 0; x < m; ++x) dst[x0 + x] = detail::blob_round(sum[x]);
  }
}

}  // namespace

int blob_halo(const BlobParams& p) {
  const double r = 4 * p.sigma_px;
  const int floor = static_cast<int>(r);
  return floor + (r > floor ? 1 : 0);
}

void blob_response(const Queue& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(p.sigma_px >= kMinBlobSigmaPx && p.sigma_px <= kMaxBlobSigmaPx, "sigma_px must lie in 0.55..96");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::blob_response(queue, src, dst, p); }, q);
}

namespace detail {

void blob_response(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p) {
  const int radius = blob_halo(p), width = src.width(), height = src.height();
  const BlobWeights column = blob_column_weights(p.sigma_px, radius);
  const BlobWeights row = blob_row_weights(p.sigma_px, radius);
  for_each_band(q, height, 32, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint32_t> smooth(width);
    std::vector<std::int32_t> second(width), a(width + 2 * radius), b(width + 2 * radius);
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const std::uint16_t* centre = src.row(y);
      for (int x = 0; x < width; ++x) {
        smooth[x] = static_cast<std::uint32_t>(column.smooth[0]) * centre[x];
        second[x] = static_cast<std::int32_t>(static_cast<std::uint32_t>(column.second[0]) * centre[x]);
      }
      for (int k = 1; k <= radius; ++k)
        accumulate_column_taps(src.row(std::max(0, y - k)), src.row(std::min(height - 1, y + k)), smooth.data(),
                               second.data(), width, column.smooth[k], column.second[k]);
      narrow_columns(smooth.data(), second.data(), a.data() + radius, b.data() + radius, width, column.second_bits);
      for (auto* line : {&a, &b}) {
        std::fill_n(line->begin(), radius, (*line)[radius]);
        std::fill_n(line->end() - radius, radius, (*line)[radius + width - 1]);
      }
      row_taps(a.data() + radius, b.data() + radius, dst.row(y), width, row.smooth, row.second, radius);
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
