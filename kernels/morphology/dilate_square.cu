#include "kernels/morphology/dilate_square_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void dilate_square(const CudaQueue& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius) {
  dilate_square_chain(q, src, dst, radius);
}

}  // namespace hexaplex::detail
