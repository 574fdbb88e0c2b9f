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

/// The level on a coarse grid of cells of `stride` x `stride` pixels, wherever its pixels lie. The level of a pixel is
/// interpolated between the centres of the cells.
struct LevelView {
  int stride = 1;
  Plane<const std::uint16_t> level;
};

/// Owns a level on the host.
struct LevelGrid {
  int stride = 1;
  HostPlane<std::uint16_t> level;
  operator LevelView() const { return {stride, level.view()}; }
};

/// With more, the interpolated level would not fit 32 bits.
inline constexpr int kLargestLevelStride = 64;

/// Side of a grid cell: the largest power of two at most window / 7 (and 64), so that 7 to 14 cells span most windows.
int level_stride(int window_px);

/// Support in pixels around a window of the image. Windows must start at multiples of `level_stride`.
int level_halo(const LocalLevelParams& p);

/// Extent of the grid of cells that cover `src`.
Extent level_extent(Extent src, int window_px);

/// Minimum and maximum over the window around each cell, mixed by `fraction`, smoothed by a Gaussian of half the
/// window.
///
/// @param q    where it runs; on CUDA it returns before completion, and src and level are device memory that must live
/// until then
/// @param src  window of the image whose origin is a multiple of the stride; the image ends where src ends
/// @param level  receives the grid of level_stride(p.window_px): of level_extent(src.extent, p.window_px), apart from
/// src
/// Halo:      level_halo(p)
/// Memory:    a few values a cell
/// Result:    bit-identical across backends, thread counts and aligned tilings
/// Throws:    InvalidArgument; OutOfMemory; DeviceError
/// Source:    the local contrast threshold of J. Bernsen (ICPR 1986), with smoothed extremes
void local_level(const Queue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p, Plane<std::uint16_t> level);

/// The same on the host, in a grid of its own.
LevelGrid local_level(const CpuQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p);

/// Writes the interpolated level of row y (in 1 / (4 stride^2) units: 32 bits hold it) for pixels 0 .. width - 1. The
/// grid lies on the host.
void level_row(const LevelView& grid, int y, int width, std::uint32_t* out);

/// mask = 1 where src > level and src > floor, else 0.
///
/// @param level  of src, in the queue's memory
/// On CUDA it returns before completion. Result: bit-identical across backends. Throws: InvalidArgument; DeviceError
void above_level(const Queue& q, Plane<const std::uint16_t> src, const LevelView& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask);

namespace detail {
void local_level(const CpuQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p,
                 Plane<std::uint16_t> level);
void above_level(const CpuQueue& q, Plane<const std::uint16_t> src, const LevelView& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask);
#if HX_WITH_CUDA
void local_level(const CudaQueue& q, Plane<const std::uint16_t> src, const LocalLevelParams& p,
                 Plane<std::uint16_t> level);
void above_level(const CudaQueue& q, Plane<const std::uint16_t> src, const LevelView& level, std::uint16_t floor,
                 Plane<std::uint8_t> mask);
#endif
}  // namespace detail

}  // namespace hexaplex
