#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

// Rules of size for connected parts of masks and labels: 4-connected, numbered by first raster pixel. They see whole
// components, so the planes are those of a whole image. CUDA: tiles in shared memory, then their borders; fewer than
// 2^32 - 1 pixels.

/// Flips 4-connected components of pixels equal to `value` (0 or 1) that are smaller than `smallest_px`: specks for 1,
/// holes for 0. Returns before completion on CUDA.
/// Memory: CPU: the runs of the mask; CUDA: 2.5 bytes a pixel, touched where components cross borders of tiles
/// Result: bit-identical across backends and thread counts. Throws: InvalidArgument; OutOfMemory; DeviceError
void drop_small_components(const Queue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px);

/// Keeps the largest 4-connected part of each label (ties to the one that comes first in raster order), drops objects
/// smaller than `smallest_px`, and numbers what is left 1 .. count by first raster pixel. Waits for the queue.
/// @param highest  what no label exceeds, where the caller knows it: saves a wait on CUDA
/// @return count
/// Memory: CPU: the runs of the labels; CUDA: 11 bytes a pixel, of which 2 are touched everywhere; 8 bytes a label up
/// to the highest Result: bit-identical across backends and thread counts. Throws: InvalidArgument; OutOfMemory;
/// DeviceError
std::uint32_t keep_largest_parts(const Queue& q, Plane<std::uint32_t> labels, double smallest_px,
                                 std::optional<std::uint32_t> highest = std::nullopt);

/// The highest label of a plane; 0 for an empty one. Waits for the queue.
std::uint32_t highest_label(const Queue& q, Plane<const std::uint32_t> labels);

/// labels = name[labels].
/// @param name  in the queue's memory, one for each label
void rename_labels(const Queue& q, Plane<std::uint32_t> labels, std::span<const std::uint32_t> name);

namespace detail {
void drop_small_components(const CpuQueue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px);
std::uint32_t keep_largest_parts(const CpuQueue& q, Plane<std::uint32_t> labels, double smallest_px,
                                 std::optional<std::uint32_t> highest);
std::uint32_t highest_label(const CpuQueue& q, Plane<const std::uint32_t> labels);
void rename_labels(const CpuQueue& q, Plane<std::uint32_t> labels, std::span<const std::uint32_t> name);
#if HX_WITH_CUDA
void drop_small_components(const CudaQueue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px);
std::uint32_t keep_largest_parts(const CudaQueue& q, Plane<std::uint32_t> labels, double smallest_px,
                                 std::optional<std::uint32_t> highest);
std::uint32_t highest_label(const CudaQueue& q, Plane<const std::uint32_t> labels);
void rename_labels(const CudaQueue& q, Plane<std::uint32_t> labels, std::span<const std::uint32_t> name);
#endif
}  // namespace detail

}  // namespace hexaplex
