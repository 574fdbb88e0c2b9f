#include "kernels/filter/gaussian.h"
#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void gaussian_blur(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst,
                   const GaussianParams& p) {
  const GaussianWeights weights = gaussian_weights(p.sigma_px);
  const DevicePlane<std::uint16_t> rows(q, src.extent);  // freed in stream order, after the second pass has read it
  for_each_pixel(q, src.extent, GaussianVertical{src, rows.view(), weights}, "the Gaussian's vertical pass");
  for_each_pixel(q, src.extent, GaussianHorizontal{rows.view(), dst, weights}, "the Gaussian's horizontal pass");
}

}  // namespace hexaplex::detail
