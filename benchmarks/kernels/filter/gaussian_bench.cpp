#include "kernels/filter/gaussian.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "benchmarks/support/throughput.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

HostPlane<std::uint16_t> texture(Extent extent) {
  HostPlane<std::uint16_t> plane(extent);
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < extent.area(); ++i)
    plane.data()[i] = static_cast<std::uint16_t>((state = state * 1664525u + 1013904223u) >> 16);
  return plane;
}

// Axes: side of the image in pixels, tenths of sigma_px.
void gaussian_cpu(benchmark::State& state) {
  const Extent extent{static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
  const GaussianParams params{static_cast<double>(state.range(1)) / 10};
  const auto src = texture(extent);
  HostPlane<std::uint16_t> dst(extent, 0);
  Queue q = CpuQueue{};
  for (auto _ : state) {
    gaussian_blur(q, src.view(), dst.view(), params);
    benchmark::ClobberMemory();
  }
  benchmarks::report_throughput(state, extent, 2 * sizeof(std::uint16_t));
}

#if HX_WITH_CUDA
/// Kernels alone: the pixels are on the device before the clock starts, and it stops when the stream is done.
void gaussian_cuda(benchmark::State& state) {
  if (const std::string reason = why_no_device(); !reason.empty()) return state.SkipWithError(reason.c_str());
  const Extent extent{static_cast<int>(state.range(0)), static_cast<int>(state.range(0))};
  const GaussianParams params{static_cast<double>(state.range(1)) / 10};
  const auto src = texture(extent);
  const Stream stream(choose_device());
  const CudaQueue cuda = stream.queue();
  Queue q = cuda;
  const DevicePlane<std::uint16_t> in(cuda, extent), out(cuda, extent);
  copy<std::uint16_t>(cuda, src.view(), in.view());
  gaussian_blur(q, in.view(), out.view(), params);
  synchronise(cuda);
  for (auto _ : state) {
    gaussian_blur(q, in.view(), out.view(), params);
    synchronise(cuda);
  }
  benchmarks::report_throughput(state, extent, 2 * sizeof(std::uint16_t));
}
BENCHMARK(gaussian_cuda)->ArgNames({"side", "sigma10"})->ArgsProduct({{1024, 4096}, {7, 20, 100}})->UseRealTime();
#endif

BENCHMARK(gaussian_cpu)->ArgNames({"side", "sigma10"})->ArgsProduct({{1024, 4096}, {7, 20, 100}})->UseRealTime();

}  // namespace
}  // namespace hexaplex
