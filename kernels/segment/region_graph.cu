#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/region_graph_chain.h"

namespace hexaplex {

DeviceRegionGraph<CudaQueue> region_graph_of(const CudaQueue& q, Plane<const std::uint32_t> labels,
                                             const RegionImages& images, std::size_t regions) {
  return detail::region_graph_chain(q, labels, images, regions);
}

DeviceRegionGraphBuilder::DeviceRegionGraphBuilder(const CudaQueue& q, std::size_t regions)
    : chain_(std::make_unique<detail::RegionGraphChain<CudaQueue>>(q, regions)) {}
DeviceRegionGraphBuilder::~DeviceRegionGraphBuilder() = default;
DeviceRegionGraphBuilder::DeviceRegionGraphBuilder(DeviceRegionGraphBuilder&&) noexcept = default;

void DeviceRegionGraphBuilder::add(Rect core, Plane<const std::uint32_t> labels, const RegionImages& images, int x0,
                                   int y0) {
  chain_->add(core, labels, images, x0, y0);
}

DeviceRegionGraph<CudaQueue> DeviceRegionGraphBuilder::finish() {
  return chain_->finish();
}

}  // namespace hexaplex
