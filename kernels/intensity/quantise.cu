#include "kernels/intensity/quantise_chain.h"
#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

void quantise(const CudaQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  quantise_chain(q, src, dst, scale);
}

void add_quantised(const CudaQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  add_quantised_chain(q, src, dst, scale);
}

void add_saturating(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst) {
  add_saturating_chain(q, src, dst);
}

void apply_table(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table) {
  apply_table_chain(q, src, dst, table);
}

}  // namespace hexaplex::detail
