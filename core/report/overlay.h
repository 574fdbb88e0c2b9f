#pragma once

#include <string>

#include "core/report/slide_result.h"
#include "core/run/output_file.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

inline constexpr int kOverlaySide = 2048;  ///< longest side of overlay.png, pixels

/// How far a slide is averaged down to fit the picture; 1: not at all.
int overlay_shrink(Extent slide);

/// The picture to look at, as a PNG file in memory: nuclear channel in blue under the shown channels, or stains in
/// their colours, with green lines around regions of tumour cells; outlines of cells in the colour of their phenotype
/// and thin outlines of nuclei, and a legend; stripes where tissue is not assessed, by reason; lines around drawn
/// regions. Small fields are
/// enlarged by a whole factor, large ones averaged down to kOverlaySide. Integer arithmetic: the same bytes on every
/// machine.
std::string draw_overlay(const CpuQueue& q, const SlideResult& result);

}  // namespace hexaplex
