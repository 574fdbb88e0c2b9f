#pragma once

#include <cstdint>
#include <vector>

#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

// Hill climbing: the basin of every local maximum of an integer landscape, inside a mask.
//
// Every pixel points to one of its eight neighbours: the steepest way up, a rise to a side counting 7 and to a corner 5
// (7 / 5 stands for the root of 2), ties to the neighbour that comes first in raster order. Where no neighbour is
// higher but one that comes earlier is equal, it points to the first of these; else the pixel is a root. Each step
// leads to a higher pixel, or to an equal one that comes earlier, so there are no cycles, and the pointer of a pixel
// needs nothing but its 3 x 3 neighbourhood: no queue, no plateau search, the same answer in any tile.
// docs/decisions/0601 tells why.

/// Pointers: 0 .. 8 in raster order of the 3 x 3 neighbourhood, 4 for a root, 255 outside the mask.
inline constexpr std::uint8_t kClimbRoot = 4;
inline constexpr std::uint8_t kClimbOutside = 255;

/// Pointer of every pixel. Neighbours beyond the edge of the planes do not exist.
/// CUDA: each thread walks down 8 columns; returns before completion.
/// Halo: 1. Result: bit-identical across backends, thread counts and tilings.
void climb_pointers(const Queue& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                    Plane<std::uint8_t> pointers);

/// Follows all pointers of an image to their roots and numbers the basins 1 .. count by the raster order of their
/// roots. Waits for the queue.
///
/// @param pointers  of the whole image, from `climb_pointers`
/// @param labels    same extent; 0 outside the mask
/// @param block_px  side of the CPU's blocks: any gives the same labels
/// @return          index of each basin's root pixel (y * width + x), basin 1 first
/// CPU: paths are followed inside blocks; one that leaves its block is handed on by the pixel where it enters the next,
/// and those hand-overs are resolved in a table. CUDA: the same in tiles of 64 x 64, where paths see twice as far in
/// every round; 3 bytes a pixel; two waits, for the number of basins and for the roots.
/// Throws: InvalidArgument when there are more basins than labels; OutOfMemory; DeviceError
HostVector<std::int64_t> label_basins(const Queue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                                      int block_px = 256);

/// The same, for those who need only the number of basins: one wait, and no list. Returns count.
std::uint32_t number_basins(const Queue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                            int block_px = 256);

namespace detail {
/// Landscape of a pixel that does not exist or lies outside the mask: no way up leads there.
inline constexpr std::int32_t kClimbNothing = -1;

void climb_pointers(const CpuQueue& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                    Plane<std::uint8_t> pointers);
HostVector<std::int64_t> label_basins(const CpuQueue& q, Plane<const std::uint8_t> pointers,
                                      Plane<std::uint32_t> labels, int block_px);
std::uint32_t number_basins(const CpuQueue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                            int block_px);
#if HX_WITH_CUDA
void climb_pointers(const CudaQueue& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                    Plane<std::uint8_t> pointers);
HostVector<std::int64_t> label_basins(const CudaQueue& q, Plane<const std::uint8_t> pointers,
                                      Plane<std::uint32_t> labels, int block_px);
std::uint32_t number_basins(const CudaQueue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                            int block_px);
#endif
}  // namespace detail

}  // namespace hexaplex
