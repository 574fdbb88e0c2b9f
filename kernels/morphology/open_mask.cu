#include "kernels/morphology/open_mask_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void open_mask(const CudaQueue& q, Plane<std::uint8_t> mask, int radius) {
  open_mask_chain(q, mask, radius);
}

}  // namespace hexaplex::detail
