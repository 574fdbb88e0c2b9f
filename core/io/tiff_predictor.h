#pragma once

#include <cstddef>
#include <cstdint>

namespace hexaplex {

/// Reverses the bytes of each of `count` samples of `bytes` (1, 2 or 4) bytes.
void swap_sample_bytes(std::uint8_t* row, std::size_t count, std::uint32_t bytes);

/// Undoes the horizontal predictor (TIFF 6.0, section 14) of one row: each sample becomes the sum of itself and the one
/// `samples` before it, modulo its width.
///
/// @param row      samples of `bytes` (1, 2 or 4) bytes in the byte order of this machine
/// @param count    samples in the row
/// @param samples  in a pixel
void undo_horizontal_predictor(std::uint8_t* row, std::size_t count, std::uint32_t samples, std::uint32_t bytes);

/// Undoes the floating-point predictor (TIFF Technical Note 3) of one row: differences of bytes, and the bytes of all
/// samples sorted into planes with the highest first, in files of either byte order.
///
/// @param row      count * bytes bytes; samples in the byte order of this machine afterwards
/// @param scratch  as many bytes
void undo_float_predictor(std::uint8_t* row, std::uint8_t* scratch, std::size_t count, std::uint32_t samples,
                          std::uint32_t bytes);

}  // namespace hexaplex
