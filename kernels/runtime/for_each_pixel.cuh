#pragma once

#include <functional>
#include <type_traits>

#include "kernels/runtime/device.h"
#include "kernels/runtime/for_each_pixel.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

namespace detail {

constexpr int kPixelBlockWidth = 32;
constexpr int kPixelBlockHeight = 8;
constexpr int kMaxGridHeight = 65535;

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
std::function<void()> pixels_on_host(void* const* arguments) {
  const Extent extent = *static_cast<const Extent*>(arguments[0]);
  const F f = *static_cast<const F*>(arguments[1]);
  return [extent, f] { for_each_pixel(CpuQueue{1}, extent, f); };
}

}  // namespace detail

/// Enqueues `f(x, y)` for every pixel, in no order. `f` writes its own pixel only, and is copied. Returns before
/// completion. Throws DeviceError.
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

}  // namespace hexaplex
