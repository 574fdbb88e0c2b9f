#include "kernels/segment/landscape.h"

#include "kernels/runtime/for_each_pixel.cuh"
#include "kernels/segment/landscape_chain.h"
#include "kernels/segment/landscape_pixel.h"

namespace hexaplex::detail {

void blob_landscape(const CudaQueue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, std::int32_t weight, Plane<std::uint16_t> dst) {
  for_each_pixel(q, dst.extent, LandscapePixel{fine, coarse, wall, weight, dst}, "the landscape of blobs");
}

void landscape_of_blobs(const CudaQueue& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                        const BlobParams& coarse, Plane<const std::uint16_t> wall, std::int32_t weight,
                        Plane<std::uint16_t> dst) {
  landscape_of_blobs_chain(q, src, fine, coarse, wall, weight, dst);
}

void cap(const CudaQueue& q, Plane<std::uint16_t> image, std::uint16_t most) {
  for_each_pixel(q, image.extent, CapPixel{image, most}, "capping an image");
}

void restrict_mask(const CudaQueue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep) {
  for_each_pixel(q, mask.extent, RestrictPixel{mask, keep}, "restricting a mask");
}

void keep_above_fraction(const CudaQueue& q, Plane<const std::uint16_t> image, const LevelView& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, std::int64_t share,
                         Rect core, Plane<std::uint32_t> labels) {
  for_each_pixel(q, labels.extent,
                 KeepAboveFraction{image, trough, own.data(), into.data(), share, core.x, core.y, labels},
                 "trimming labels");
}

}  // namespace hexaplex::detail
