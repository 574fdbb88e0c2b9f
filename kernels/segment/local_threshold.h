#pragma once

#include <cstdint>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// A slowly varying level between the local minimum and the local maximum of an image.
struct LocalLevelParams {
  int window_px = 29;      ///< side of the window of the extremes, 3 .. 1024
  double fraction = 0.45;  ///< 0: the local minimum, 1: the local maximum
};

/// The level on a coarse grid of cells of `stride` x `stride` pixels. `level_row` interpolates between their centres.
struct LevelGrid {
  int stride = 1;
  HostPlane<std::uint16_t> level;
};

/// With more, the interpolated level would not fit 32 bits.
inline constexpr int kLargestLevelStride = 64;

/// Side of a grid cell: the largest power of two at most window / 7 (and 64), so that 7 to 14 cells span most windows.
int level_stride(int window_px);

/// Support in pixels around a window of the image. Windows must start at multiples of `level_stride`.
int level_halo(const LocalLevelParams& p);

/// Minimum and maximum over the window around each cell, mixed by `fraction`, smoothed by a Gaussian of half the
/// window.
///
/// @param src  window of the image whose origin is a multiple of the stride; the image ends where src ends
/// Halo:      level_halo(p)
/// Result:    bit-identical across thread counts and aligned tilings
/// Source:    the local contrast threshold of J. Bernsen (ICPR 1986), with smoothed extremes
LevelGrid local_level(CpuQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p);

/// Writes the interpolated level of row y (in 1 / (4 stride^2) units: 32 bits hold it) for pixels 0 .. width - 1.
void level_row(const LevelGrid& grid, int y, int width, std::uint32_t* out);

/// mask = 1 where src > level and src > floor, else 0.
void above_level(CpuQueue& q, Plane<const std::uint16_t> src, const LevelGrid& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask);

}  // namespace hexaplex
