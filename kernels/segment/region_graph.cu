#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/region_graph_chain.h"

namespace hexaplex {

DeviceRegionGraph<CudaQueue> region_graph_of(const CudaQueue& q, Plane<const std::uint32_t> labels,
                                             const RegionImages& images, std::size_t regions) {
  return detail::region_graph_chain(q, labels, images, regions);
}

}  // namespace hexaplex
