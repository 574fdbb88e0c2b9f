#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/expand_chain.h"

namespace hexaplex::detail {

void expand_labels(const CudaQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst,
                   const ExpandParams& p) {
  expand_labels_chain(q, src, dst, p);
}

}  // namespace hexaplex::detail
