#include "kernels/segment/landscape.h"

#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/landscape_chain.h"

namespace hexaplex::detail {

void blob_landscape(const CudaQueue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, std::int32_t weight, Plane<std::uint16_t> dst) {
  blob_landscape_chain(q, fine, coarse, wall, weight, dst);
}

void landscape_of_blobs(const CudaQueue& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                        const BlobParams& coarse, Plane<const std::uint16_t> wall, std::int32_t weight,
                        Plane<std::uint16_t> dst) {
  landscape_of_blobs_chain(q, src, fine, coarse, wall, weight, dst);
}

void cap(const CudaQueue& q, Plane<std::uint16_t> image, std::uint16_t most) {
  cap_chain(q, image, most);
}

void restrict_mask(const CudaQueue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep) {
  restrict_mask_chain(q, mask, keep);
}

void keep_above_fraction(const CudaQueue& q, Plane<const std::uint16_t> image, const LevelView& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, std::int64_t share,
                         Rect core, Plane<std::uint32_t> labels) {
  keep_above_fraction_chain(q, image, trough, own, into, share, core, labels);
}

}  // namespace hexaplex::detail
