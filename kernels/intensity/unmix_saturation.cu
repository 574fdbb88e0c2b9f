#include "kernels/intensity/unmix_saturation_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

template <class T>
void mark_saturated(const CudaQueue& q, std::span<const Plane<const T>> bands, double saturation_counts,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts) {
  mark_saturated_chain(q, bands, saturation_counts, saturated, counts);
}

template void mark_saturated(const CudaQueue&, std::span<const Plane<const std::uint16_t>>, double, Plane<std::uint8_t>,
                             std::span<std::int64_t>);
template void mark_saturated(const CudaQueue&, std::span<const Plane<const float>>, double, Plane<std::uint8_t>,
                             std::span<std::int64_t>);

}  // namespace hexaplex::detail
