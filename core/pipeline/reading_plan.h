#pragma once

#include <cstdint>

#include "core/image/tissue_area.h"

namespace hexaplex {

/// How a slide is read.
struct ReadingPlan {
  int z = 0;         ///< plane of a z-stack, from 0
  TissueArea area;   ///< what is read of the slide
  bool hold = true;  ///< keep the channels in memory; else make them again from the file wherever they are needed
  std::int64_t window_bytes = std::int64_t{16} << 20;  ///< of raw pixels that each thread reads at once
};

}  // namespace hexaplex
