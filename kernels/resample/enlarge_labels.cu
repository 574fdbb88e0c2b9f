#include "kernels/resample/enlarge_labels.h"

#include "kernels/resample/enlarge_labels_pixel.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void enlarge_labels(const CudaQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, int factor) {
  for_each_pixel(q, dst.extent, EnlargeLabel{src, dst, factor}, "enlarging labels");
}

}  // namespace hexaplex::detail
