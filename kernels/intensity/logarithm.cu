#include "kernels/intensity/logarithm_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void take_logarithm(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft) {
  take_logarithm_chain(q, src, dst, soft);
}

}  // namespace hexaplex::detail
