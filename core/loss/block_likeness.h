#pragma once

#include <cstdint>
#include <span>

#include "core/statistics/block_sample.h"

namespace hexaplex {

/// Where a block of tissue lies, in blocks.
struct BlockPlace {
  std::int32_t slide = 0, x = 0, y = 0;
};

/// How alike neighbouring blocks are in the share of their cells below the sample's median.
struct BlockLikeness {
  double morans_i = 0;    ///< 1: as alike as a block is to itself; about 0: no more than others
  std::size_t pairs = 0;  ///< of blocks that share an edge
  /// Above 0.3, and beyond what chance does in one of 40 samples (its standard deviation is about 1 / sqrt(pairs)).
  bool alike() const { return pairs >= 10 && morans_i > 0.3 && morans_i * morans_i * static_cast<double>(pairs) > 4; }
};

/// Moran's I over blocks that share an edge, weighted by their cells. 0 where no blocks do, or none differ.
/// @param values  blocks are indices of `places`
/// @param places  in order of slide, y, x, each once
/// Throws: InvalidArgument for no value, or a block without a place
/// Source: P. A. P. Moran, Biometrika 37 (1950) 17
BlockLikeness likeness_of_neighbours(std::span<const BlockValue> values, std::span<const BlockPlace> places);

}  // namespace hexaplex
