#pragma once

#include <cstdint>

#include "kernels/runtime/work_buffer.h"

namespace hexaplex {

namespace detail {

/// One thread sums, or writes, this many values: a chunk is read twice and shared by nobody.
inline constexpr std::int64_t kScanChunk = 64;

struct ScanSums {
  const std::uint32_t* values;
  std::uint32_t* sums;
  std::int64_t count;
  HX_HD void operator()(std::int64_t chunk) const {
    const std::int64_t begin = chunk * kScanChunk, end = begin + kScanChunk < count ? begin + kScanChunk : count;
    std::uint32_t sum = 0;
    for (std::int64_t i = begin; i < end; ++i) sum += values[i];
    sums[chunk] = sum;
  }
};

struct ScanWrite {
  std::uint32_t* values;
  const std::uint32_t* before;  ///< of each chunk; null: one chunk
  std::uint32_t* total;         ///< null: not wanted
  std::int64_t count;
  HX_HD void operator()(std::int64_t chunk) const {
    const std::int64_t begin = chunk * kScanChunk, end = begin + kScanChunk < count ? begin + kScanChunk : count;
    std::uint32_t sum = before != nullptr ? before[chunk] : 0;
    for (std::int64_t i = begin; i < end; ++i) {
      const std::uint32_t own = values[i];
      values[i] = sum;
      sum += own;
    }
    if (end == count && total != nullptr) *total = sum;
  }
};

}  // namespace detail

/// Replaces each value by the sum of those before it, modulo 2^32, in place.
///
/// @param values  `count` values in the queue's memory
/// @param total   in the queue's memory, or null: receives the sum of all
/// Memory:  a sixty-third of the values
/// Result:  a chain (work_buffer.h): the same on every queue; returns before completion on CUDA
template <class Q>
void exclusive_scan(const Q& q, std::uint32_t* values, std::int64_t count, std::uint32_t* total = nullptr) {
  if (count == 0) {
    if (total != nullptr) fill_bytes(q, total, 0, sizeof *total);
    return;
  }
  const std::int64_t chunks = (count - 1) / detail::kScanChunk + 1;
  if (chunks == 1) {
    for_each_index(q, 1, detail::ScanWrite{values, nullptr, total, count}, "a scan");
    return;
  }
  const WorkBuffer<std::uint32_t, Q> sums(q, static_cast<std::size_t>(chunks));
  for_each_index(q, chunks, detail::ScanSums{values, sums.data(), count}, "a scan's sums");
  exclusive_scan(q, sums.data(), chunks);
  for_each_index(q, chunks, detail::ScanWrite{values, sums.data(), total, count}, "a scan");
}

}  // namespace hexaplex
