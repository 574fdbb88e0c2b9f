#pragma once

#include <cstdint>

namespace hexaplex {

inline constexpr int kMaxBlobRadius = 384;  ///< 4 of the largest sigma

/// One side of two symmetric filters, index 0 in the centre: `smooth` (a Gaussian G) sums to a power of two exactly,
/// `second` (sigma^2 G'') to zero. A plain value of fixed size: a CUDA kernel takes it as a parameter, with no
/// allocation and no copy.
struct BlobWeights {
  int radius = 0;
  int second_bits = 0;  ///< `second` counts 2^-second_bits
  std::int32_t smooth[kMaxBlobRadius + 1] = {};
  std::int32_t second[kMaxBlobRadius + 1] = {};
};

/// Of the first pass, down the columns: `smooth` in 2^-16, `second` in 2^-16 or 2^-15, whichever fits 32 bits on any
/// column of 16-bit pixels. Throws InvalidArgument where the radius is not 1 .. kMaxBlobRadius.
BlobWeights blob_column_weights(double sigma_px, int radius);

/// Of the second pass, along the rows: both in 2^-15.
BlobWeights blob_row_weights(double sigma_px, int radius);

}  // namespace hexaplex
