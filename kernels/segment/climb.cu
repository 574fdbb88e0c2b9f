#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/basins_chain.h"
#include "kernels/segment/climb_chain.h"

namespace hexaplex::detail {

void climb_pointers(const CudaQueue& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                    Plane<std::uint8_t> pointers) {
  climb_pointers_chain(q, landscape, mask, pointers);
}

HostVector<std::int64_t> label_basins(const CudaQueue& q, Plane<const std::uint8_t> pointers,
                                      Plane<std::uint32_t> labels, int /*block_px: the CPU's*/) {
  return label_basins_chain(q, pointers, labels);
}

std::uint32_t number_basins(const CudaQueue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                            int /*block_px: the CPU's*/) {
  return number_basins_chain(q, pointers, labels);
}

}  // namespace hexaplex::detail
