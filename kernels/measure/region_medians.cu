#include "kernels/measure/region_medians_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex {

DeviceBuffer<double> region_medians_on(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                                       Plane<const float> plane, const PixelSets& sets, int set_count) {
  return detail::region_medians_chain(q, regions, {&plane, 1}, sets, set_count);
}

DeviceBuffer<double> region_medians_on(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                                       std::span<const Plane<const float>> planes, const PixelSets& sets,
                                       int set_count) {
  return detail::region_medians_chain(q, regions, planes, sets, set_count);
}

}  // namespace hexaplex
