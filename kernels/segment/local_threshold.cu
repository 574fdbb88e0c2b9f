#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/local_threshold_chain.h"

namespace hexaplex::detail {

void local_level(const CudaQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p,
                 Plane<std::uint16_t> level) {
  local_level_chain(q, src, p, level);
}

void above_level(const CudaQueue& q, Plane<const std::uint16_t> src, const LevelView& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask) {
  above_level_chain(q, src, level, floor, mask);
}

}  // namespace hexaplex::detail
