#pragma once

#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/filter/laplacian_of_gaussian_pixel.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

/// Memory: 6 bytes a pixel.
template <class Q>
void blob_response_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p) {
  const int radius = blob_halo(p), width = src.width();
  const WorkBuffer<std::uint16_t, Q> smooth_pixels(q, src.extent.area());
  const WorkBuffer<std::int32_t, Q> second_pixels(q, src.extent.area());
  const Plane<std::uint16_t> smooth{smooth_pixels.data(), src.extent, width};
  const Plane<std::int32_t> second{second_pixels.data(), src.extent, width};
  for_each_pixel(q, src.extent, BlobVertical{src, smooth, second, blob_column_weights(p.sigma_px, radius)},
                 "the blob response's vertical pass");
  for_each_pixel(q, src.extent, BlobHorizontal{smooth, second, dst, blob_row_weights(p.sigma_px, radius)},
                 "the blob response's horizontal pass");
}

}  // namespace hexaplex::detail
