#include "kernels/intensity/histogram_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void add_to_histograms(const CudaQueue& q, std::span<const Plane<const std::uint16_t>> planes,
                       std::span<Histogram16> histograms) {
  add_to_histograms_chain(q, planes, histograms);
}

void add_to_histograms(const CudaQueue& q, std::span<const Plane<const float>> planes,
                       std::span<Histogram16> histograms) {
  add_to_histograms_chain(q, planes, histograms);
}

}  // namespace hexaplex::detail
