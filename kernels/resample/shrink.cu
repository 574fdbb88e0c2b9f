#include "kernels/resample/shrink.h"

#include "kernels/resample/shrink_pixel.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void shrink(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, int factor) {
  for_each_pixel(q, dst.extent, ShrinkPixel{src, dst, factor}, "shrinking an image");
}

}  // namespace hexaplex::detail
