#pragma once

#include <functional>
#include <type_traits>

#include "kernels/runtime/device.h"
#include "kernels/runtime/for_each_block.cuh"  // every twin has all launches at hand
#include "kernels/runtime/for_each_pixel.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

namespace detail {

constexpr int kPixelBlockWidth = 32;
constexpr int kPixelBlockHeight = 8;
constexpr int kMaxGridHeight = 65535;
constexpr int kIndexBlock = 256;
constexpr std::int64_t kMaxIndexBlocks = std::int64_t{1} << 30;

/// A thread walks down the image in steps of the grid's height, so that no image is too tall for a grid. The functor
/// stays in parameter memory: indexing an array in it makes no copy in each thread.
template <class F>
__global__ void pixel_kernel(const __grid_constant__ Extent extent, const __grid_constant__ F f) {
  const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (x >= extent.width) return;
  const int step = static_cast<int>(gridDim.y * blockDim.y);
  for (int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y); y < extent.height; y += step) f(x, y);
}

template <class F>
__global__ void index_kernel(const std::int64_t count, const __grid_constant__ F f) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) f(i);
}

// The host forms use several threads, as a device does.
template <class F>
std::function<void()> pixels_on_host(void* const* arguments) {
  const Extent extent = *static_cast<const Extent*>(arguments[0]);
  const F f = *static_cast<const F*>(arguments[1]);
  return [extent, f] { for_each_pixel(CpuQueue{}, extent, f); };
}

template <class F>
std::function<void()> indexes_on_host(void* const* arguments) {
  const std::int64_t count = *static_cast<const std::int64_t*>(arguments[0]);
  const F f = *static_cast<const F*>(arguments[1]);
  return [count, f] { for_each_index(CpuQueue{}, count, f); };
}

}  // namespace detail

/// Enqueues `f(x, y)` for every pixel, in no order. `f` writes its own pixel only, or shared memory through atomics.h,
/// and is copied. Returns before completion. Throws DeviceError.
template <class F>
void for_each_pixel(const CudaQueue& q, Extent extent, const F& f, const char* what) {
  static_assert(std::is_trivially_copyable_v<F>, "a functor is copied to the device byte by byte");
  static_assert(sizeof(F) + sizeof(Extent) <= 4000, "a kernel's parameters are limited to 4 KiB");
  if (extent.empty()) return;
  Extent extent_argument = extent;
  F functor_argument = f;
  void* arguments[] = {&extent_argument, &functor_argument};
  const int rows_of_blocks = (extent.height - 1) / detail::kPixelBlockHeight + 1;
  DeviceLaunch launch;
  launch.kernel = reinterpret_cast<const void*>(&detail::pixel_kernel<F>);
  launch.block[0] = detail::kPixelBlockWidth;
  launch.block[1] = detail::kPixelBlockHeight;
  launch.grid[0] = static_cast<unsigned>((extent.width - 1) / detail::kPixelBlockWidth + 1);
  launch.grid[1] =
      static_cast<unsigned>(rows_of_blocks < detail::kMaxGridHeight ? rows_of_blocks : detail::kMaxGridHeight);
  launch.arguments = arguments;
  launch.on_host = &detail::pixels_on_host<F>;
  launch_on_device(q, launch, what);
}

/// The same for every i in [0, count).
template <class F>
void for_each_index(const CudaQueue& q, std::int64_t count, const F& f, const char* what) {
  static_assert(std::is_trivially_copyable_v<F>, "a functor is copied to the device byte by byte");
  static_assert(sizeof(F) + sizeof count <= 4000, "a kernel's parameters are limited to 4 KiB");
  if (count <= 0) return;
  F functor_argument = f;
  void* arguments[] = {&count, &functor_argument};
  const std::int64_t blocks = (count - 1) / detail::kIndexBlock + 1;
  DeviceLaunch launch;
  launch.kernel = reinterpret_cast<const void*>(&detail::index_kernel<F>);
  launch.block[0] = detail::kIndexBlock;
  launch.grid[0] = static_cast<unsigned>(blocks < detail::kMaxIndexBlocks ? blocks : detail::kMaxIndexBlocks);
  launch.arguments = arguments;
  launch.on_host = &detail::indexes_on_host<F>;
  launch_on_device(q, launch, what);
}

}  // namespace hexaplex
