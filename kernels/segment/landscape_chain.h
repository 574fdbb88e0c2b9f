#pragma once

#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/landscape.h"
#include "kernels/segment/landscape_runs.h"
#include "kernels/segment/landscape_tile.h"

namespace hexaplex::detail {

template <class Q>
void blob_landscape_chain(const Q& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                          Plane<const std::uint16_t> wall, std::int32_t weight, Plane<std::uint16_t> dst) {
  for_each_pixel(q, runs_of(dst.extent, LandscapeRun::kRun), LandscapeRun{fine, coarse, wall, weight, dst},
                 "the landscape of blobs");
}

template <class Q>
void cap_chain(const Q& q, Plane<std::uint16_t> image, std::uint16_t most) {
  for_each_pixel(q, runs_of(image.extent, CapRun::kRun), CapRun{image, most}, "capping an image");
}

template <class Q>
void restrict_mask_chain(const Q& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep) {
  for_each_pixel(q, runs_of(mask.extent, RestrictRun::kRun), RestrictRun{mask, keep}, "restricting a mask");
}

template <class Q>
void keep_above_fraction_chain(const Q& q, Plane<const std::uint16_t> image, const LevelView& trough,
                               std::span<const std::uint16_t> own, std::span<const std::uint32_t> into,
                               std::int64_t share, Rect core, Plane<std::uint32_t> labels) {
  constexpr const char* kWhat = "trimming labels";
  if (!is_level_stride(trough.stride))
    return for_each_pixel(q, labels.extent,
                          KeepAboveFraction{image, trough, own.data(), into.data(), share, core.x, core.y, labels},
                          kWhat);
  const KeepAboveFractionRun run{image,
                                 {trough.level, level_bits(trough.stride)},
                                 own.data(),
                                 into.data(),
                                 static_cast<std::int32_t>(share),
                                 core.x,
                                 core.y,
                                 labels};
  for_each_pixel(q, runs_of(labels.extent, KeepAboveFractionRun::kRun), run, kWhat);
}

template <int kFine, int kCoarse, class Q>
void landscape_in_tiles(const Q& q, Plane<const std::uint16_t> src, const BlobParams& fine, const BlobParams& coarse,
                        Plane<const std::uint16_t> wall, std::int32_t weight, Plane<std::uint16_t> dst) {
  using Tile = LandscapeTile<kFine, kCoarse>;
  const auto tiles = BlockTiles::over(dst.width(), dst.height(), Tile::Shape::kWidth, Tile::Shape::kRows);
  const Tile tile{
      src, wall, weight, dst, tiles, {fine.sigma_px, blob_halo(fine)}, {coarse.sigma_px, blob_halo(coarse)}};
  for_each_block(q, tiles.count(), tile, "the landscape of two scales");
}

/// Memory: none for a coarse radius up to 24 and a fine one up to two thirds of it; else 4 bytes a pixel, and what the
/// responses take.
template <class Q>
void landscape_of_blobs_chain(const Q& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                              const BlobParams& coarse, Plane<const std::uint16_t> wall, std::int32_t weight,
                              Plane<std::uint16_t> dst) {
  const int a = blob_halo(fine), b = blob_halo(coarse);
  if (a <= 6 && b <= 9) return landscape_in_tiles<6, 9>(q, src, fine, coarse, wall, weight, dst);
  if (a <= 8 && b <= 12) return landscape_in_tiles<8, 12>(q, src, fine, coarse, wall, weight, dst);
  if (a <= 10 && b <= 14) return landscape_in_tiles<10, 14>(q, src, fine, coarse, wall, weight, dst);
  if (a <= 12 && b <= 16) return landscape_in_tiles<12, 16>(q, src, fine, coarse, wall, weight, dst);
  if (a <= 16 && b <= 24) return landscape_in_tiles<16, 24>(q, src, fine, coarse, wall, weight, dst);
  const WorkBuffer<std::int16_t, Q> pixels(q, 2 * src.extent.area());
  const Plane<std::int16_t> finer{pixels.data(), src.extent, src.width()};
  const Plane<std::int16_t> coarser{pixels.data() + src.extent.area(), src.extent, src.width()};
  blob_response(q, src, finer, fine);
  blob_response(q, src, coarser, coarse);
  blob_landscape_chain(q, Plane<const std::int16_t>(finer), Plane<const std::int16_t>(coarser), wall, weight, dst);
}

}  // namespace hexaplex::detail
