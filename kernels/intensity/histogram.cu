#include "kernels/intensity/histogram_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void add_to_histogram(const CudaQueue& q, Plane<const std::uint16_t> src, Histogram16& h) {
  add_to_histogram_chain(q, src, h);
}

void add_to_histogram(const CudaQueue& q, Plane<const float> src, Histogram16& h) {
  add_to_histogram_chain(q, src, h);
}

}  // namespace hexaplex::detail
