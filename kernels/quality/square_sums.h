#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// A slide is judged in squares of this many pixels a side, aligned at its origin: 16 µm at 0.5 µm per pixel, about two
/// cells. The last column and row of squares are cut by the slide's edge.
inline constexpr int kQualitySquarePx = 32;

/// Bands are summed in so many groups of neighbours, so that a slide of 35 bands needs no more memory than one of 4.
inline constexpr int kLightGroups = 4;

/// What one square of raw pixels holds. Counts as stored: a camera's offset is still in them.
struct SquareSums {
  float nuclear = 0;                             ///< mean of the nuclear band
  std::array<float, kLightGroups> light{};       ///< mean of the sum of the bands of each group; unused groups 0
  float noise = 0;                               ///< mean square of the Laplacian (4 neighbours) of the nuclear band
  float fine = 0;                                ///< the same of its means over 2 x 2 pixels
  float coarse = 0;                              ///< the same of its means over 8 x 8 pixels
  std::uint16_t saturated = 0, not_scanned = 0;  ///< pixels
};

/// Squares that cover an image; empty for an empty one.
Extent square_grid(Extent pixels);

/// First band of a group, for 0 <= group <= light_groups(bands): group g holds [first(g), first(g + 1)).
int light_groups(int bands);
int first_band_of_group(int group, int bands);

/// What to look at.
struct SquareOptions {
  int nuclear_band = 0;
  double saturation = std::numeric_limits<double>::infinity();  ///< counts from which a pixel of any band is saturated
};

/// Measures every square of a window of raw bands. A square is measured within itself alone and as a whole, so that any
/// windows whose origin is a multiple of kQualitySquarePx, in any order, give the same bytes.
///
/// Laplacians are taken where a square has all their pixels; `noise`, `fine` and `coarse` are 0 in squares that the
/// slide's edge cuts. White noise of variance s gives noise = 20 s, fine = 5 s, coarse = 20 s / 64.
///
/// @param bands    [height x width] of one window each; its origin lies at a multiple of kQualitySquarePx
/// @param scanned  same extent, 0 where the scanner left the glass out; no data: all was scanned
/// @param dst      square_grid(extent of the bands)
/// Planes lie in the queue's memory; the views lie on the host, and a device's queue waits for them to be copied.
/// Halo:   none. Result: bit-identical across backends, thread counts and windows
/// Throws: InvalidArgument; OutOfMemory; DeviceError
void measure_squares(const Queue& q, std::span<const Plane<const std::uint16_t>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst);
void measure_squares(const Queue& q, std::span<const Plane<const float>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst);

namespace detail {
// For T = uint16_t and float.
template <class T>
void measure_squares(const CpuQueue& q, std::span<const Plane<const T>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst);
#if HX_WITH_CUDA
template <class T>
void measure_squares(const CudaQueue& q, std::span<const Plane<const T>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst);
#endif
}  // namespace detail

}  // namespace hexaplex
