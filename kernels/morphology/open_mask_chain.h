#pragma once

#include <algorithm>
#include <utility>

#include "kernels/morphology/diamond_steps.h"
#include "kernels/morphology/open_mask.h"

namespace hexaplex::detail {

/// Memory: a quarter of a byte a pixel.
template <class Q>
void open_mask_chain(const Q& q, Plane<std::uint8_t> mask, int radius) {
  constexpr const char* kWhat = "opening a mask";
  const Extent e = mask.extent;
  const std::int64_t size = packed_size(e);
  const WorkBuffer<std::uint32_t, Q> words(q, 2 * size);
  PackedMask from{words.data(), e, packed_width(e)}, to{words.data() + size, e, packed_width(e)};
  const PackedMask none{nullptr, e, packed_width(e)};
  pack_mask(q, mask, from);
  const BlockTiles tiles = DiamondSteps::tiles_over(e);
  if (2 * radius <= DiamondSteps::kMostSteps)
    return for_each_block(q, tiles.count(), DiamondSteps{from, none, mask, radius, radius, tiles}, kWhat);
  for (const bool erode : {true, false})
    for (int left = radius; left > 0; left -= DiamondSteps::kMostSteps) {
      const int steps = std::min(left, DiamondSteps::kMostSteps);
      const bool last = !erode && left == steps;
      for_each_block(q, tiles.count(),
                     DiamondSteps{from, last ? none : to, mask, erode ? steps : 0, erode ? 0 : steps, tiles}, kWhat);
      std::swap(from, to);
    }
}

}  // namespace hexaplex::detail
