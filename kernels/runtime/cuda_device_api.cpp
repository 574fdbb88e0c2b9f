#include "kernels/runtime/device_api.h"

#if HX_WITH_CUDA
#include <cuda_runtime.h>

#include <cstdint>
#endif

namespace hexaplex {

#if HX_WITH_CUDA
namespace detail {
cudaError_t probe_this_device();  // device_probe.cu
}
#endif

namespace {

using Kind = DeviceStatus::Kind;

#if HX_WITH_CUDA

DeviceStatus status_of(cudaError_t error) {
  if (error == cudaSuccess) return {};
  cudaGetLastError();  // forget it: an error that is not sticky must not be reported a second time by a later call
  const char* words = cudaGetErrorString(error);
  switch (error) {
    case cudaErrorMemoryAllocation:
      return {Kind::kOutOfMemory, words};
    case cudaErrorInsufficientDriver:
    case cudaErrorStubLibrary:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorCompatNotSupportedOnDevice:
      return {Kind::kNoDriver, words};
    case cudaErrorNoDevice:
      return {Kind::kNoDevice, words};
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorInvalidDeviceFunction:
    case cudaErrorUnsupportedPtxVersion:
      return {Kind::kNoKernelImage, words};
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorECCUncorrectable:
    case cudaErrorAssert:
      return {Kind::kLost, words};
    default:
      return {Kind::kFailed, words};
  }
}

/// Makes `device` the calling thread's, once and not before every launch: nothing else here does.
cudaError_t make_current(int device) {
  thread_local int current = -1;
  if (device == current) return cudaSuccess;
  const cudaError_t error = cudaSetDevice(device);
  if (error == cudaSuccess) current = device;
  return error;
}

template <class F>
DeviceStatus with_device(int device, F f) {
  const cudaError_t error = make_current(device);
  return status_of(error != cudaSuccess ? error : f());
}

cudaStream_t stream_of(const CudaQueue& q) {
  return static_cast<cudaStream_t>(q.stream);
}

class CudaDeviceApi final : public DeviceApi {
 public:
  DeviceStatus count_devices(int& count) override {
    count = 0;
    return status_of(cudaGetDeviceCount(&count));
  }

  DeviceStatus describe(int device, DeviceInfo& info) override {
    cudaDeviceProp properties{};
    int driver = 0;
    if (auto s = status_of(cudaGetDeviceProperties(&properties, device)); !s.ok()) return s;
    if (auto s = status_of(cudaDriverGetVersion(&driver)); !s.ok()) return s;
    info.index = device;
    info.name = properties.name;
    info.compute_major = properties.major;
    info.compute_minor = properties.minor;
    info.memory_bytes = properties.totalGlobalMem;
    info.driver_version = driver;
    info.multiprocessors = properties.multiProcessorCount;
    info.memory_bus_bits = properties.memoryBusWidth;
    info.l2_bytes = properties.l2CacheSize;
    int khz = 0;
    if (cudaDeviceGetAttribute(&khz, cudaDevAttrClockRate, device) == cudaSuccess) info.clock_mhz = khz / 1000;
    if (cudaDeviceGetAttribute(&khz, cudaDevAttrMemoryClockRate, device) == cudaSuccess)
      info.memory_clock_mhz = khz / 1000;
    char bus_id[32] = "";
    if (cudaDeviceGetPCIBusId(bus_id, sizeof bus_id, device) == cudaSuccess) info.pci_bus_id = bus_id;
    info.usable = false;
    if (properties.memoryPoolsSupported == 0) {
      info.unusable_because = "its driver has no stream-ordered memory";
      return {};
    }
    // Looking a kernel up creates the context and finds the code: it tells apart a device that is there from one that
    // works.
    const DeviceStatus probed = with_device(device, [] { return detail::probe_this_device(); });
    info.usable = probed.ok();
    if (probed.kind == Kind::kNoKernelImage)
      info.unusable_because = "this build holds no code for compute capability " + std::to_string(properties.major) +
                              "." + std::to_string(properties.minor);
    else
      info.unusable_because = probed.detail;
    return {};
  }

  DeviceStatus memory(int device, DeviceMemory& memory) override {
    return with_device(device, [&] {
      std::size_t free = 0, total = 0;
      if (cudaError_t e = cudaMemGetInfo(&free, &total); e != cudaSuccess) return e;
      // What was freed waits in the pool and counts as taken there.
      cudaMemPool_t pool = nullptr;
      if (cudaError_t e = cudaDeviceGetDefaultMemPool(&pool, device); e != cudaSuccess) return e;
      std::uint64_t reserved = 0, used = 0, most = 0;
      if (cudaError_t e = cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReservedMemCurrent, &reserved); e != cudaSuccess)
        return e;
      if (cudaError_t e = cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used); e != cudaSuccess)
        return e;
      if (cudaError_t e = cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemHigh, &most); e != cudaSuccess) return e;
      memory.free_bytes = free + static_cast<std::size_t>(reserved > used ? reserved - used : 0);
      memory.total_bytes = total;
      memory.most_used_bytes = static_cast<std::size_t>(most);
      return cudaSuccess;
    });
  }

  DeviceStatus allocate_pinned(int device, std::size_t bytes, void*& memory) override {
    return with_device(device, [&] { return cudaHostAlloc(&memory, bytes, cudaHostAllocPortable); });
  }

  DeviceStatus free_pinned(int device, void* memory) override {
    return with_device(device, [&] { return cudaFreeHost(memory); });
  }

  DeviceStatus create_stream(int device, void*& stream) override {
    return with_device(device, [&] {
      // Freed memory stays in the pool: a tile asks for what the one before it gave back.
      cudaMemPool_t pool = nullptr;
      std::uint64_t keep = UINT64_MAX;
      if (cudaError_t e = cudaDeviceGetDefaultMemPool(&pool, device); e != cudaSuccess) return e;
      if (cudaError_t e = cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep); e != cudaSuccess)
        return e;
      cudaStream_t created = nullptr;
      const cudaError_t e = cudaStreamCreateWithFlags(&created, cudaStreamNonBlocking);
      if (e == cudaSuccess) stream = created;
      return e;
    });
  }

  DeviceStatus destroy_stream(const CudaQueue& q) override {
    return with_device(q.device, [&] { return cudaStreamDestroy(stream_of(q)); });
  }

  DeviceStatus allocate(const CudaQueue& q, std::size_t bytes, void*& memory) override {
    return with_device(q.device, [&] { return cudaMallocAsync(&memory, bytes, stream_of(q)); });
  }

  DeviceStatus free(const CudaQueue& q, void* memory) override {
    return with_device(q.device, [&] { return cudaFreeAsync(memory, stream_of(q)); });
  }

  DeviceStatus copy(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src,
                    std::size_t src_pitch_bytes, std::size_t row_bytes, std::size_t rows) override {
    return with_device(q.device, [&] {
      // Rows without gaps are one block, which is copied nearly twice as fast.
      if (rows <= 1 || (dst_pitch_bytes == row_bytes && src_pitch_bytes == row_bytes))
        return cudaMemcpyAsync(dst, src, row_bytes * rows, cudaMemcpyDefault, stream_of(q));
      return cudaMemcpy2DAsync(dst, dst_pitch_bytes, src, src_pitch_bytes, row_bytes, rows, cudaMemcpyDefault,
                               stream_of(q));
    });
  }

  DeviceStatus fill(const CudaQueue& q, void* memory, unsigned char value, std::size_t bytes) override {
    return with_device(q.device, [&] { return cudaMemsetAsync(memory, value, bytes, stream_of(q)); });
  }

  DeviceStatus launch(const CudaQueue& q, const DeviceLaunch& l) override {
    return with_device(q.device, [&] {
      return cudaLaunchKernel(l.kernel, dim3(l.grid[0], l.grid[1], l.grid[2]), dim3(l.block[0], l.block[1], l.block[2]),
                              l.arguments, l.shared_bytes, stream_of(q));
    });
  }

  DeviceStatus synchronise(const CudaQueue& q) override {
    return with_device(q.device, [&] { return cudaStreamSynchronize(stream_of(q)); });
  }
};

#else

/// A build without CUDA: one honest answer to everything.
class CudaDeviceApi final : public DeviceApi {
 public:
  DeviceStatus count_devices(int& count) override {
    count = 0;
    return not_built();
  }
  DeviceStatus describe(int, DeviceInfo&) override { return not_built(); }
  DeviceStatus memory(int, DeviceMemory&) override { return not_built(); }
  DeviceStatus allocate_pinned(int, std::size_t, void*&) override { return not_built(); }
  DeviceStatus free_pinned(int, void*) override { return not_built(); }
  DeviceStatus create_stream(int, void*&) override { return not_built(); }
  DeviceStatus destroy_stream(const CudaQueue&) override { return not_built(); }
  DeviceStatus allocate(const CudaQueue&, std::size_t, void*&) override { return not_built(); }
  DeviceStatus free(const CudaQueue&, void*) override { return not_built(); }
  DeviceStatus copy(const CudaQueue&, void*, std::size_t, const void*, std::size_t, std::size_t, std::size_t) override {
    return not_built();
  }
  DeviceStatus fill(const CudaQueue&, void*, unsigned char, std::size_t) override { return not_built(); }
  DeviceStatus launch(const CudaQueue&, const DeviceLaunch&) override { return not_built(); }
  DeviceStatus synchronise(const CudaQueue&) override { return not_built(); }

 private:
  static DeviceStatus not_built() { return {Kind::kNotBuilt, ""}; }
};

#endif

}  // namespace

namespace detail {
DeviceApi& cuda_device_api() {
  static CudaDeviceApi api;
  return api;
}
}  // namespace detail

}  // namespace hexaplex
