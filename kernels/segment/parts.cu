#include "kernels/segment/parts.h"

#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/parts_chain.h"
#include "kernels/segment/relabel_chain.h"
#include "kernels/segment/specks_chain.h"

namespace hexaplex::detail {

void drop_small_components(const CudaQueue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px) {
  drop_small_components_chain(q, mask, value, smallest_px);
}

std::uint32_t keep_largest_parts(const CudaQueue& q, Plane<std::uint32_t> labels, double smallest_px,
                                 std::optional<std::uint32_t> highest) {
  return keep_largest_parts_chain(q, labels, smallest_px, highest);
}

std::uint32_t highest_label(const CudaQueue& q, Plane<const std::uint32_t> labels) {
  return highest_label_chain(q, labels);
}

void rename_labels(const CudaQueue& q, Plane<std::uint32_t> labels, std::span<const std::uint32_t> name) {
  rename_labels_chain(q, labels, name.data());
}

}  // namespace hexaplex::detail
