#include "kernels/quality/square_sums_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

template <class T>
void measure_squares(const CudaQueue& q, std::span<const Plane<const T>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst) {
  measure_squares_chain(q, bands, options, scanned, dst);
}

template void measure_squares(const CudaQueue&, std::span<const Plane<const std::uint16_t>>, const SquareOptions&,
                              Plane<const std::uint8_t>, Plane<SquareSums>);
template void measure_squares(const CudaQueue&, std::span<const Plane<const float>>, const SquareOptions&,
                              Plane<const std::uint8_t>, Plane<SquareSums>);

}  // namespace hexaplex::detail
