#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

#include "kernels/runtime/host_device.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

// Blocks of threads that work together through memory of their own: what fast CUDA twins are made of. A block's work is
// written as phases, one after the other, each the same lambda for every thread; between two phases every thread waits
// for the others. On a device that is shared memory and a barrier, on the host a struct and a loop over the threads:
// the very same source, so that tests and the thread sanitizer see it where no GPU is (docs/decisions/0106).
//
//   struct Reverse {                                     // turns each run of 256 values around
//     static constexpr int kThreads = 256;
//     struct Shared { int values[kThreads]; };           // 48 KiB at most, uninitialised
//     int* values;
//     HX_HD void operator()(const Block<kThreads>& block, Shared& shared) const {
//       int* run = values + block.index * kThreads;
//       block.each_thread([&](int t) { shared.values[t] = run[t]; });
//       block.each_thread([&](int t) { run[t] = shared.values[kThreads - 1 - t]; });
//     }
//   };
//   for_each_block(q, runs, Reverse{values}, "reversing");
//
// A functor of many registers may say how many of its blocks a multiprocessor is to hold at once (kResident): that
// bounds what the compiler gives a thread.
//
// Outside each_thread every thread of a device runs the same lines, and the host runs them once: they may compute what
// is the same for all threads, and write nothing that is not local. Within a phase threads meet only through atomics.h.

/// One block, as its functor sees it.
template <int kThreads>
struct Block {
  std::int64_t index;  ///< of the block, from 0

  /// Calls f(thread) for every thread of the block, then waits for all of them.
  template <class F>
  HX_HD void each_thread(F f) const {
#ifdef __CUDA_ARCH__
    f(static_cast<int>(threadIdx.x));
    __syncthreads();
#else
    for (int t = 0; t < kThreads; ++t) f(t);
#endif
  }
};

/// What each thread keeps from one phase to the next: a register on a device. A thread reads and writes its own alone.
template <class T, int kThreads>
class PerThread {
 public:
#ifdef __CUDA_ARCH__
  HX_HD T& operator[](int) {
    return value_;
  }

 private:
  T value_;
#else
  HX_HD T& operator[](int t) {
    return values_[t];
  }

 private:
  T values_[kThreads];
#endif
};

/// Calls `f(block, shared)` for `count` blocks, in no order.
template <class F>
void for_each_block(const CpuQueue& q, std::int64_t count, const F& f, const char* /*what*/) {
  static_assert(std::is_trivially_copyable_v<F> && std::is_trivially_default_constructible_v<typename F::Shared>);
  for_each_band(q, count, 1, [&](std::int64_t begin, std::int64_t end) {
    const auto shared = std::make_unique_for_overwrite<typename F::Shared>();  // as on a device: what was there
    for (std::int64_t i = begin; i < end; ++i) f(Block<F::kThreads>{i}, *shared);
  });
}

/// Places of the tiles that cover an image, for functors whose block is a tile.
struct BlockTiles {
  int across, down;
  int width, height;  ///< of a tile, pixels

  static BlockTiles over(int image_width, int image_height, int width, int height) {
    return {(image_width + width - 1) / width, (image_height + height - 1) / height, width, height};
  }
  std::int64_t count() const { return static_cast<std::int64_t>(across) * down; }
  // In 32 bits: no device starts more blocks, and divisions of 64 bits are long.
  HX_HD int left(std::int64_t block) const {
    return static_cast<int>(static_cast<std::uint32_t>(block) % static_cast<std::uint32_t>(across)) * width;
  }
  HX_HD int top(std::int64_t block) const {
    return static_cast<int>(static_cast<std::uint32_t>(block) / static_cast<std::uint32_t>(across)) * height;
  }
};

}  // namespace hexaplex
