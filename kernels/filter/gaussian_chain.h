#pragma once

#include "kernels/filter/gaussian.h"
#include "kernels/filter/gaussian_passes.h"
#include "kernels/filter/gaussian_tile.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

template <int kRadius, class Q>
void gaussian_in_tiles(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst,
                       const GaussianWeights& weights) {
  const GaussianTile<kRadius> tile(src, dst, weights);
  for_each_block(q, tile.tiles.count(), tile, "the Gaussian");
}

/// Memory: none for radii up to 24, 2 bytes a pixel for larger ones.
template <class Q>
void gaussian_blur_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst,
                         const GaussianParams& p) {
  const GaussianWeights weights = gaussian_weights(p.sigma_px);
  const int radius = weights.radius;
  if (radius <= 3) return gaussian_in_tiles<3>(q, src, dst, weights);
  if (radius <= 4) return gaussian_in_tiles<4>(q, src, dst, weights);
  if (radius <= 5) return gaussian_in_tiles<5>(q, src, dst, weights);
  if (radius <= 8) return gaussian_in_tiles<8>(q, src, dst, weights);
  if (radius <= 12) return gaussian_in_tiles<12>(q, src, dst, weights);
  if (radius <= 16) return gaussian_in_tiles<16>(q, src, dst, weights);
  if (radius <= 24) return gaussian_in_tiles<24>(q, src, dst, weights);
  const WorkBuffer<std::uint16_t, Q> pixels(q, src.extent.area());
  const Plane<std::uint16_t> columns{pixels.data(), src.extent, src.width()};
  const GaussianColumns down{StagedColumns(src), columns, weights};
  for_each_block(q, down.from.tiles.count(), down, "the Gaussian's vertical pass");
  const GaussianRows along{columns, dst, GaussianRows::Shared::tiles(src.extent), weights};
  for_each_block(q, along.tiles.count(), along, "the Gaussian's horizontal pass");
}

}  // namespace hexaplex::detail
