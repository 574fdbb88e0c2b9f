#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// dst = round(src * scale), clamped to 0..65535: a measured plane becomes the integers that segmentation works on.
/// Computed in float: the product, then floor(product + 0.5f). src finite, scale > 0 counts per unit. Halo: none.
/// Throws: InvalidArgument
void quantise(const Queue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale);

/// dst = min(65535, dst + round(src * scale)): sums several channels into one plane, in any order.
void add_quantised(const Queue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale);

/// dst = min(65535, dst + src). Halo: none. Throws: InvalidArgument
void add_saturating(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst);

/// A function of 16-bit values, by table.
using Table16 = std::vector<std::uint16_t>;  // 65,536 entries

/// dst = table[src]. Halo: none. src and dst may be the same plane. CUDA: waits for the table to be copied to the
/// device.
void apply_table(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table);

/// Fractional bits and bias of the logarithm table: entry = (ln(v / 32767.5 + soft) + 3) * 2^14, so values from
/// ln 0.05 = -2.996 to ln 2.05 = 0.718 fit 16 bits. A value of 32767.5 stands for the channel's reference level.
inline constexpr int kLogFractionBits = 14;
inline constexpr double kLogReference = 32767.5;

/// In logarithm.cpp, beside the operator that applies it.
/// @param soft  offset of the logarithm as a fraction of the reference level, 0.05 .. 1
Table16 log_table(double soft);

namespace detail {
void quantise(const CpuQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale);
void add_quantised(const CpuQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale);
void add_saturating(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst);
void apply_table(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table);
#if HX_WITH_CUDA
void quantise(const CudaQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale);
void add_quantised(const CudaQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale);
void add_saturating(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst);
void apply_table(const CudaQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table);
#endif
}  // namespace detail

}  // namespace hexaplex
