#pragma once

#include <cstddef>
#include <cstdint>

#include "core/io/tiff_page.h"

namespace hexaplex {

/// Where samples of one channel lie in a packed row, in the byte order of this machine.
struct PackedRow {
  const std::uint8_t* bytes = nullptr;
  std::uint32_t bits = 8;  ///< 1..16, 24 or 32; widths other than 8, 16, 24, 32 are packed from the highest bit
  std::uint32_t format = tiff::kUint;
  std::uint32_t samples = 1;  ///< in a pixel of this row
  std::uint32_t sample = 0;   ///< the one wanted
};

/// Unpacks `count` pixels from pixel `first` on. T is float, std::uint16_t or std::int64_t; the caller has made sure
/// that T holds the values. Half floats widen exactly; 32-bit integers round to the nearest float.
template <class T>
void unpack_samples(const PackedRow& row, std::size_t first, std::size_t count, T* out);

}  // namespace hexaplex
