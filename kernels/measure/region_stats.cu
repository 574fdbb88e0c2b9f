#include "kernels/measure/magnitude_chain.h"
#include "kernels/measure/region_sums_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex {

DeviceRegions<CudaQueue> regions_on(const CudaQueue& q, const RegionPlanes& planes) {
  return detail::regions_chain(q, planes);
}

DeviceRegionTable<CudaQueue> region_sums_on(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                                            const ChannelPlanes& channels) {
  return detail::region_sums_chain(q, regions, channels);
}

RegionTable fetch_table(const CudaQueue& q, const DeviceRegions<CudaQueue>& regions,
                        const DeviceRegionTable<CudaQueue>& table) {
  return detail::fetch_table_chain(q, regions, table);
}

float detail::largest_magnitude(const CudaQueue& q, Plane<const float> plane) {
  return largest_magnitude_chain(q, plane);
}

std::vector<float> detail::largest_magnitudes(const CudaQueue& q, std::span<const Plane<const float>> planes) {
  return largest_magnitudes_chain(q, planes);
}

}  // namespace hexaplex
