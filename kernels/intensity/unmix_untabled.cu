// Local memory is meant here: each thread factorises matrices of its own, of up to 32 x 32 numbers, whose size only the
// pixel knows. Libraries that large are rare, and a kernel of their own keeps the others in registers.

#include "kernels/intensity/unmix_untabled_chain.h"
#include "kernels/intensity/unmix_untabled_twin.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

template <class T>
NonNegativeReport unmix_untabled(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                                 std::span<const Plane<float>> components) {
  return unmix_untabled_chain(q, model, bands, components);
}

template NonNegativeReport unmix_untabled(const CudaQueue&, const UnmixModel&,
                                          std::span<const Plane<const std::uint16_t>>, std::span<const Plane<float>>);
template NonNegativeReport unmix_untabled(const CudaQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                                          std::span<const Plane<float>>);

}  // namespace hexaplex::detail
