#pragma once

#include "core/io/slide.h"

namespace hexaplex {

/// Whether Slide::read keeps such samples as they are in 16-bit planes; others are read as floats.
inline bool fits_16_bits(SampleType t) {
  return t == SampleType::uint8 || t == SampleType::uint16;
}

}  // namespace hexaplex
