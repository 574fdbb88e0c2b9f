#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "core/io/slide.h"
#include "kernels/quality/square_sums.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// What a stored value of a channel counts as, 256 entries a channel; empty: as it is.
using LightTables = std::vector<std::vector<std::uint16_t>>;

/// Squares of one window of an open slide, written to their place among those of the whole slide.
///
/// @param channels  of the file, in the order of options.nuclear_band
/// @param window    origin at multiples of kQualitySquarePx; sides too, unless they reach the slide's edge
/// @param squares   square_grid(the slide's extent)
/// @param tables    of each of the channels, for samples of 8 bits; or empty
/// Throws: what Slide::read throws; InvalidArgument
void measure_window_squares(Slide& slide, std::span<const int> channels, int z, Rect window,
                            const SquareOptions& options, Plane<SquareSums> squares, const LightTables& tables = {});

/// What a slide's quality is judged by.
struct SlideSquares {
  HostPlane<SquareSums> sums;
  std::vector<DamagedTile> damaged;  ///< in reading order: by y, x, channels
};

/// Squares of a whole slide, read window by window, and every tile that could not be read.
SlideSquares measure_slide_squares(const CpuQueue& q, const SlideInfo& info, std::span<const int> channels, int z,
                                   const SquareOptions& options, const LightTables& tables = {});

}  // namespace hexaplex
