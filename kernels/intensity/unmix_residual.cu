#include "kernels/intensity/unmix_residual_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

template <class T>
void unmix_residual(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums) {
  unmix_residual_chain(q, model, bands, components, relative, sums);
}

template void unmix_residual(const CudaQueue&, const UnmixModel&, std::span<const Plane<const std::uint16_t>>,
                             std::span<const Plane<const float>>, Plane<float>, ResidualSums&);
template void unmix_residual(const CudaQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                             std::span<const Plane<const float>>, Plane<float>, ResidualSums&);

}  // namespace hexaplex::detail
