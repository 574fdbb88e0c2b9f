#include "kernels/filter/gaussian_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void gaussian_blur(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst,
                   const GaussianParams& p) {
  gaussian_blur_chain(q, src, dst, p);
}

}  // namespace hexaplex::detail
