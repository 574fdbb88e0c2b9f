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
// Outside each_thread every thread of a device runs the same lines, and the host runs them once: they may compute what
// is the same for all threads, and write nothing that is not local. Within a phase threads meet only through atomics.h.

namespace detail {
/// Threads of the host that run one block together, as a test may want it (block_team): each has some of the block's
/// threads, and waits for the others behind every phase.
struct BlockShare {
  void (*wait)(void* team) = nullptr;  ///< null: one thread of the host runs them all
  void* team = nullptr;
  int member = 0, members = 1;
};
}  // namespace detail

/// One block, as its functor sees it.
template <int kThreads>
struct Block {
  std::int64_t index;          ///< of the block, from 0
  detail::BlockShare share{};  ///< of the host; a device has no use for it

  /// Calls f(thread) for every thread of the block, then waits for all of them.
  template <class F>
  HX_HD void each_thread(F f) const {
#ifdef __CUDA_ARCH__
    f(static_cast<int>(threadIdx.x));
    __syncthreads();
#else
    for (int t = first_thread(); t < end_thread(); ++t) f(t);
    if (share.wait != nullptr) share.wait(share.team);
#endif
  }

  /// The same with a vote: calls f(thread, round) for every thread, in `rounds` rounds, and then for every 32 threads
  /// g(warp, round, words), which one of them runs: bit k of what thread t returned is bit t % 32 of words[k]. Waits
  /// for all threads after the last round alone, so that g may write nothing that an f of this phase reads.
  template <int kBits, class F, class G>
  HX_HD void each_vote(int rounds, F f, G g) const {
    static_assert(kThreads % 32 == 0 && kBits > 0 && kBits <= 32);
#ifdef __CUDA_ARCH__
    const int t = static_cast<int>(threadIdx.x);
    for (int round = 0; round < rounds; ++round) {
      const std::uint32_t own = f(t, round);
      std::uint32_t words[kBits];
#pragma unroll
      for (int k = 0; k < kBits; ++k) words[k] = __ballot_sync(0xffffffffu, (own >> k & 1) != 0);
      if ((t & 31) == 0) g(t / 32, round, words);
    }
    __syncthreads();
#else
    for (int round = 0; round < rounds; ++round)
      for (int warp = first_thread() / 32; warp < end_thread() / 32; ++warp) {
        std::uint32_t words[kBits] = {};
        for (int lane = 0; lane < 32; ++lane) {
          const std::uint32_t own = f(warp * 32 + lane, round);
          for (int k = 0; k < kBits; ++k) words[k] |= (own >> k & 1) << lane;
        }
        g(warp, round, words);
      }
    if (share.wait != nullptr) share.wait(share.team);
#endif
  }

 private:
  // Whole warps go to a member of a team.
  HX_HD int first_thread() const {
    return kThreads / 32 * share.member / share.members * 32;
  }
  HX_HD int end_thread() const {
    return share.member + 1 == share.members ? kThreads : kThreads / 32 * (share.member + 1) / share.members * 32;
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

namespace detail {
/// How many threads of the host run the threads of one block. One, unless a test asks for more to see phases whose
/// threads meet: not while anything runs.
int block_team();
void set_block_team(int members);
/// Calls work(share) on as many threads.
void run_block_team(int members, void (*work)(void* context, const BlockShare& share), void* context);
}  // namespace detail

/// Calls `f(block, shared)` for `count` blocks, in no order.
template <class F>
void for_each_block(const CpuQueue& q, std::int64_t count, const F& f, const char* /*what*/) {
  static_assert(std::is_trivially_copyable_v<F> && std::is_trivially_default_constructible_v<typename F::Shared>);
  if (const int members = detail::block_team(); members > 1) {
    struct Work {
      const F& f;
      std::int64_t count;
      std::unique_ptr<typename F::Shared> shared;
    } work{f, count, std::make_unique_for_overwrite<typename F::Shared>()};
    detail::run_block_team(
        members,
        [](void* context, const detail::BlockShare& share) {
          const Work& w = *static_cast<Work*>(context);
          for (std::int64_t i = 0; i < w.count; ++i) {
            w.f(Block<F::kThreads>{i, share}, *w.shared);
            share.wait(share.team);  // the next block has the same memory
          }
        },
        &work);
    return;
  }
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
  // A device starts fewer than 2^31 blocks at once, and divides 32 bits far faster than 64.
  HX_HD int left(std::int64_t block) const {
    return static_cast<int>(static_cast<std::uint32_t>(block) % static_cast<std::uint32_t>(across)) * width;
  }
  HX_HD int top(std::int64_t block) const {
    return static_cast<int>(static_cast<std::uint32_t>(block) / static_cast<std::uint32_t>(across)) * height;
  }
};

}  // namespace hexaplex
