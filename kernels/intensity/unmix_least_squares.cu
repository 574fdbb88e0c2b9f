#include "kernels/intensity/unmix_least_squares_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

template <class T>
void unmix_least_squares(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                         std::span<const Plane<float>> components, bool clip) {
  unmix_least_squares_chain(q, model, bands, components, clip);
}

template void unmix_least_squares(const CudaQueue&, const UnmixModel&, std::span<const Plane<const std::uint16_t>>,
                                  std::span<const Plane<float>>, bool);
template void unmix_least_squares(const CudaQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                                  std::span<const Plane<float>>, bool);

}  // namespace hexaplex::detail
