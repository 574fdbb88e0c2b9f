#pragma once

#include "kernels/filter/blob_passes.h"
#include "kernels/filter/blob_tile.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

template <int kRadius, class Q>
void blobs_in_tiles(const Q& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p) {
  using Tile = BlobTile<kRadius>;
  const auto tiles = BlockTiles::over(src.width(), src.height(), Tile::Shape::kWidth, Tile::Shape::kRows);
  for_each_block(q, tiles.count(), Tile{src, dst, tiles, {p.sigma_px, blob_halo(p)}}, "the blob response");
}

/// Memory: none for radii up to 24, 6 bytes a pixel for larger ones.
template <class Q>
void blob_response_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::int16_t> dst, const BlobParams& p) {
  const int radius = blob_halo(p);
  if (radius <= 4) return blobs_in_tiles<4>(q, src, dst, p);
  if (radius <= 8) return blobs_in_tiles<8>(q, src, dst, p);
  if (radius <= 10) return blobs_in_tiles<10>(q, src, dst, p);
  if (radius <= 12) return blobs_in_tiles<12>(q, src, dst, p);
  if (radius <= 14) return blobs_in_tiles<14>(q, src, dst, p);
  if (radius <= 16) return blobs_in_tiles<16>(q, src, dst, p);
  if (radius <= 24) return blobs_in_tiles<24>(q, src, dst, p);
  const WorkBuffer<std::uint16_t, Q> smooth_pixels(q, src.extent.area());
  const WorkBuffer<std::int32_t, Q> second_pixels(q, src.extent.area());
  const Plane<std::uint16_t> smooth{smooth_pixels.data(), src.extent, src.width()};
  const Plane<std::int32_t> second{second_pixels.data(), src.extent, src.width()};
  const BlobColumns down{StagedColumns(src), smooth, second, blob_column_weights(p.sigma_px, radius)};
  for_each_block(q, down.from.tiles.count(), down, "the blob response's vertical pass");
  const BlobRows along{smooth, second, dst, BlobRows::Staged::tiles(src.extent), blob_row_weights(p.sigma_px, radius)};
  for_each_block(q, along.tiles.count(), along, "the blob response's horizontal pass");
}

}  // namespace hexaplex::detail
