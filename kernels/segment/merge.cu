#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/merge_chain.h"

namespace hexaplex {

DeviceBuffer<std::uint32_t> merge_regions_on(const CudaQueue& q, DeviceRegionGraph<CudaQueue>& graph,
                                             const MergeParams& p) {
  return detail::merge_regions_chain(q, graph, p);
}

DeviceBuffer<std::uint16_t> own_levels_on(const CudaQueue& q, const DeviceRegionGraph<CudaQueue>& graph,
                                          const DeviceBuffer<std::uint32_t>& into) {
  return detail::own_levels_chain<CudaQueue>(q, graph, into);
}

}  // namespace hexaplex
