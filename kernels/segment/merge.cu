#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/merge_chain.h"

namespace hexaplex {

DeviceBuffer<std::uint32_t> merge_regions_on(const CudaQueue& q, DeviceRegionGraph<CudaQueue>& graph,
                                             const MergeParams& p) {
  return detail::merge_regions_chain(q, graph, p);
}

}  // namespace hexaplex
