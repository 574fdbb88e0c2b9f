#include "kernels/intensity/deconvolve_stains_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void deconvolve_stains(const CudaQueue& q, const StainModel& model,
                       const std::array<Plane<const std::uint16_t>, 3>& rgb, std::span<const Plane<float>> amounts,
                       bool clip) {
  deconvolve_stains_chain(q, model, rgb, amounts, clip);
}

}  // namespace hexaplex::detail
