#include "kernels/filter/laplacian_of_gaussian_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void blob_response(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p) {
  blob_response_chain(q, src, dst, p);
}

}  // namespace hexaplex::detail
