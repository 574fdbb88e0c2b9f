#pragma once

#include <cstdint>

#include "kernels/runtime/work_buffer.h"

namespace hexaplex {

namespace detail {

/// A block sums, or writes, this many values: each thread a run of its own, by way of shared memory, so that neighbours
/// read neighbours.
inline constexpr int kScanThreads = 256;
inline constexpr int kScanRun = 16;
inline constexpr int kScanChunk = kScanThreads * kScanRun;

struct ScanShared {
  std::uint32_t values[kScanChunk + kScanThreads];  ///< a gap behind every run keeps threads in banks of their own
  std::uint32_t runs[kScanThreads];                 ///< sums of runs; at last of all that come before each
  std::uint32_t groups[kScanRun];                   ///< sums of sixteen runs; at last of all before each

  HX_HD std::uint32_t& at(int i) { return values[i + i / kScanRun]; }
};

/// What the two passes have in common: reads a chunk and sums its runs.
struct ScanChunk {
  std::uint32_t* values;
  std::int64_t count;

  HX_HD void read(const Block<kScanThreads>& block, ScanShared& s) const {
    const std::int64_t begin = block.index * kScanChunk;
    block.each_thread([&](int t) {
      for (int k = 0; k < kScanRun; ++k) {
        const int i = k * kScanThreads + t;
        s.at(i) = begin + i < count ? values[begin + i] : 0;
      }
    });
    block.each_thread([&](int t) {
      std::uint32_t sum = 0;
      for (int k = 0; k < kScanRun; ++k) sum += s.at(t * kScanRun + k);
      s.runs[t] = sum;
    });
    block.each_thread([&](int t) {
      if (t >= kScanRun) return;
      std::uint32_t sum = 0;
      for (int k = 0; k < kScanRun; ++k) sum += s.runs[t * kScanRun + k];
      s.groups[t] = sum;
    });
  }
};

struct ScanSums {
  static constexpr int kThreads = kScanThreads;
  using Shared = ScanShared;
  ScanChunk of;
  std::uint32_t* sums;  ///< of each chunk

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    of.read(block, s);
    block.each_thread([&](int t) {
      if (t > 0) return;
      std::uint32_t sum = 0;
      for (int k = 0; k < kScanRun; ++k) sum += s.groups[k];
      sums[block.index] = sum;
    });
  }
};

struct ScanWrite {
  static constexpr int kThreads = kScanThreads;
  using Shared = ScanShared;
  ScanChunk of;
  const std::uint32_t* before;  ///< of each chunk; null: one chunk
  std::uint32_t* total;         ///< null: not wanted

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    of.read(block, s);
    const std::int64_t begin = block.index * kScanChunk;
    block.each_thread([&](int t) {
      if (t > 0) return;
      std::uint32_t sum = before != nullptr ? before[block.index] : 0;
      for (int k = 0; k < kScanRun; ++k) {
        const std::uint32_t own = s.groups[k];
        s.groups[k] = sum;
        sum += own;
      }
      if (total != nullptr && begin + kScanChunk >= of.count) *total = sum;
    });
    block.each_thread([&](int t) {
      if (t >= kScanRun) return;
      std::uint32_t sum = s.groups[t];
      for (int k = 0; k < kScanRun; ++k) {
        const std::uint32_t own = s.runs[t * kScanRun + k];
        s.runs[t * kScanRun + k] = sum;
        sum += own;
      }
    });
    block.each_thread([&](int t) {
      std::uint32_t sum = s.runs[t];
      for (int k = 0; k < kScanRun; ++k) {
        const std::uint32_t own = s.at(t * kScanRun + k);
        s.at(t * kScanRun + k) = sum;
        sum += own;
      }
    });
    block.each_thread([&](int t) {
      for (int k = 0; k < kScanRun; ++k) {
        const int i = k * kScanThreads + t;
        if (begin + i < of.count) of.values[begin + i] = s.at(i);
      }
    });
  }
};

}  // namespace detail

/// Replaces each value by the sum of those before it, modulo 2^32, in place.
///
/// @param values  `count` values in the queue's memory
/// @param total   in the queue's memory, or null: receives the sum of all
/// Memory:  a four-thousandth of the values
/// Result:  a chain (work_buffer.h): the same on every queue; returns before completion on CUDA
template <class Q>
void exclusive_scan(const Q& q, std::uint32_t* values, std::int64_t count, std::uint32_t* total = nullptr) {
  if (count == 0) {
    if (total != nullptr) fill_bytes(q, total, 0, sizeof *total);
    return;
  }
  const detail::ScanChunk of{values, count};
  const std::int64_t chunks = (count - 1) / detail::kScanChunk + 1;
  if (chunks == 1) {
    for_each_block(q, 1, detail::ScanWrite{of, nullptr, total}, "a scan");
    return;
  }
  const WorkBuffer<std::uint32_t, Q> sums(q, static_cast<std::size_t>(chunks));
  for_each_block(q, chunks, detail::ScanSums{of, sums.data()}, "a scan's sums");
  exclusive_scan(q, sums.data(), chunks);
  for_each_block(q, chunks, detail::ScanWrite{of, sums.data(), total}, "a scan");
}

}  // namespace hexaplex
