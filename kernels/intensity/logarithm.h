#pragma once

#include <cstdint>

#include "kernels/intensity/quantise.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// dst = log_table(soft)[src]: the image that nuclei are cut on.
///
/// @param soft  0.05 .. 1
/// Halo:    none; src and dst may be the same plane
/// CUDA:    the table is computed where it is read: nothing is copied, nobody waits
/// Memory:  128 KiB for the table
/// Result:  bit-identical across backends and threads
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
void take_logarithm(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft);

/// The same for many windows: the CPU need not make the table for each.
/// @param table  log_table(soft)
void take_logarithm(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft,
                    const Table16& table);

namespace detail {
void take_logarithm(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft);
#if HX_WITH_CUDA
void take_logarithm(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft);
#endif
}  // namespace detail

}  // namespace hexaplex
