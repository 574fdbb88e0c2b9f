#pragma once

#include <functional>
#include <type_traits>

#include "kernels/runtime/device.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/for_each_block.h"

namespace hexaplex {

namespace detail {

/// Shared memory of a multiprocessor, of the architecture that is compiled for (CUDA C++ Programming Guide, technical
/// specifications by compute capability).
#if !defined(__CUDA_ARCH__)
constexpr int kSharedOfMultiprocessor = 228 << 10;
#elif __CUDA_ARCH__ == 750
constexpr int kSharedOfMultiprocessor = 64 << 10;
#elif __CUDA_ARCH__ == 860 || __CUDA_ARCH__ == 890 || __CUDA_ARCH__ >= 1200
constexpr int kSharedOfMultiprocessor = 100 << 10;
#elif __CUDA_ARCH__ < 900
constexpr int kSharedOfMultiprocessor = 164 << 10;
#else
constexpr int kSharedOfMultiprocessor = 228 << 10;
#endif

/// Blocks that a multiprocessor shall hold at once, where the functor says so and its shared memory allows it: that
/// bounds the registers of a thread, which would spill for nothing where fewer blocks fit.
template <class F>
constexpr int blocks_at_once() {
  constexpr int kReserved = 1 << 10;  // of every block, for the system
  if constexpr (requires { F::kBlocksAtOnce; }) {
    constexpr int fit = kSharedOfMultiprocessor / (static_cast<int>(sizeof(typename F::Shared)) + kReserved);
    return fit < 1 ? 1 : fit < F::kBlocksAtOnce ? fit : F::kBlocksAtOnce;
  } else {
    return 0;
  }
}

template <class F>
__global__ void __launch_bounds__(F::kThreads, blocks_at_once<F>()) block_kernel(const __grid_constant__ F f) {
  __shared__ typename F::Shared shared;
  f(Block<F::kThreads>{static_cast<std::int64_t>(blockIdx.x)}, shared);
}

// The host form uses several threads, as a device does.
template <class F>
std::function<void()> blocks_on_host(void* const* arguments) {
  const F f = *static_cast<const F*>(arguments[0]);
  const std::int64_t count = *static_cast<const std::int64_t*>(arguments[1]);
  return [f, count] { for_each_block(CpuQueue{}, count, f, ""); };
}

}  // namespace detail

/// Enqueues `f(block, shared)` for `count` blocks, in no order; see for_each_block.h. `f` is copied. Returns before
/// completion. Throws InvalidArgument (more than 2^31 - 1 blocks); DeviceError.
template <class F>
void for_each_block(const CudaQueue& q, std::int64_t count, const F& f, const char* what) {
  static_assert(std::is_trivially_copyable_v<F>, "a functor is copied to the device byte by byte");
  static_assert(sizeof(F) <= 4000, "a kernel's parameters are limited to 4 KiB");
  static_assert(sizeof(typename F::Shared) <= 48 * 1024, "a block has 48 KiB of shared memory");
  static_assert(F::kThreads % 32 == 0 && F::kThreads <= 1024, "a block is of whole warps, and of 1024 threads at most");
  static_assert(std::is_trivially_default_constructible_v<typename F::Shared>, "shared memory begins uninitialised");
  if (count <= 0) return;
  HX_EXPECT(count <= 0x7fffffff, "more blocks than a device starts at once");
  F functor_argument = f;
  // The count is no parameter of the kernel: it stands behind the one that is, for the host form alone.
  void* arguments[] = {&functor_argument, &count};
  DeviceLaunch launch;
  launch.kernel = reinterpret_cast<const void*>(&detail::block_kernel<F>);
  launch.block[0] = F::kThreads;
  launch.grid[0] = static_cast<unsigned>(count);
  launch.arguments = arguments;
  launch.on_host = &detail::blocks_on_host<F>;
  launch_on_device(q, launch, what);
}

}  // namespace hexaplex
