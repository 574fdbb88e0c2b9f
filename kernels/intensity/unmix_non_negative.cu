#include "kernels/intensity/unmix_non_negative_chain.h"
#include "kernels/intensity/unmix_untabled_twin.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

template <class T>
NonNegativeReport unmix_non_negative(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets) {
  return model.tabled() ? unmix_tabled_chain(q, model, bands, components, sets)
                        : unmix_untabled(q, model, bands, components);
}

template <class T>
void unmix_from_sets(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components) {
  unmix_from_sets_chain(q, model, bands, sets, components);
}

template NonNegativeReport unmix_non_negative(const CudaQueue&, const UnmixModel&,
                                              std::span<const Plane<const std::uint16_t>>,
                                              std::span<const Plane<float>>, Plane<std::uint16_t>);
template NonNegativeReport unmix_non_negative(const CudaQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                                              std::span<const Plane<float>>, Plane<std::uint16_t>);
template void unmix_from_sets(const CudaQueue&, const UnmixModel&, std::span<const Plane<const std::uint16_t>>,
                              Plane<const std::uint16_t>, std::span<const Plane<float>>);
template void unmix_from_sets(const CudaQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                              Plane<const std::uint16_t>, std::span<const Plane<float>>);

}  // namespace hexaplex::detail
