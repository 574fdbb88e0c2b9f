#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "kernels/runtime/queue.h"

namespace hexaplex {

/// What a call to a device came to.
struct DeviceStatus {
  enum class Kind {
    kOk,
    kOutOfMemory,    ///< not sticky: free something, or ask for less, and go on
    kNotBuilt,       ///< this build has no CUDA
    kNoDriver,       ///< no driver, or one older than the runtime
    kNoDevice,       ///< a driver, but no device that this process may see
    kNoKernelImage,  ///< the build holds no code for this device
    kLost,           ///< sticky: the device can no longer be used in this process
    kFailed,         ///< anything else
  };
  Kind kind = Kind::kOk;
  std::string detail;  ///< the driver's own words

  bool ok() const { return kind == Kind::kOk; }
};

/// One device as `list_devices` reports it.
struct DeviceInfo {
  int index = 0;
  std::string name;
  int compute_major = 0;
  int compute_minor = 0;
  std::size_t memory_bytes = 0;
  int driver_version = 0;    ///< the newest CUDA that the driver serves, 13000 for 13.0
  std::string pci_bus_id{};  ///< "0000:65:00.0"
  int multiprocessors = 0;
  int clock_mhz = 0, memory_clock_mhz = 0;  ///< the highest, not what they are now
  int memory_bus_bits = 0;
  int l2_bytes = 0;
  bool usable = false;
  std::string unusable_because;  ///< one clause; empty where usable
};

/// Memory of one device, as this process sees it.
struct DeviceMemory {
  std::size_t free_bytes = 0;  ///< what it could still get, with what it has freed and the runtime holds back for it
  std::size_t total_bytes = 0;
  std::size_t most_used_bytes = 0;  ///< that its allocations took up at a time so far
};

/// One kernel launch. `arguments` are read before `launch` returns.
struct DeviceLaunch {
  const void* kernel = nullptr;  ///< a __global__ function
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  std::size_t shared_bytes = 0;
  void** arguments = nullptr;
  /// Makes the same work for the host, with the arguments copied; only a stand-in calls it.
  std::function<void()> (*on_host)(void* const* arguments) = nullptr;
};

/// Everything the project asks of a device. There are two implementations: the CUDA runtime (cuda_device_api.cpp), and
/// the tests' stand-in, which works in host memory and fails where it is told to. Calls report a status and never
/// throw; callers use device.h, which turns a status into an exception. Calls that take a queue, `synchronise` left
/// out, may return before the work is done; work on one stream runs in order. Any thread may call, each with a stream
/// of its own.
class DeviceApi {
 public:
  virtual ~DeviceApi() = default;
  virtual DeviceStatus count_devices(int& count) = 0;
  virtual DeviceStatus describe(int device, DeviceInfo& info) = 0;
  virtual DeviceStatus memory(int device, DeviceMemory& memory) = 0;
  /// Host memory that a device copies from and to while the host does something else. It must outlive those copies.
  virtual DeviceStatus allocate_pinned(int device, std::size_t bytes, void*& memory) = 0;
  virtual DeviceStatus free_pinned(int device, void* memory) = 0;
  virtual DeviceStatus create_stream(int device, void*& stream) = 0;
  virtual DeviceStatus destroy_stream(const CudaQueue& q) = 0;
  virtual DeviceStatus allocate(const CudaQueue& q, std::size_t bytes, void*& memory) = 0;
  virtual DeviceStatus free(const CudaQueue& q, void* memory) = 0;
  /// `rows` rows of `row_bytes` bytes; either side may be host or device memory.
  virtual DeviceStatus copy(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src,
                            std::size_t src_pitch_bytes, std::size_t row_bytes, std::size_t rows) = 0;
  virtual DeviceStatus fill(const CudaQueue& q, void* memory, unsigned char value, std::size_t bytes) = 0;
  virtual DeviceStatus launch(const CudaQueue& q, const DeviceLaunch& launch) = 0;
  virtual DeviceStatus synchronise(const CudaQueue& q) = 0;
};

/// The implementation in use: the CUDA runtime, unless a test has put another in its place.
DeviceApi& device_api();

namespace detail {
/// Puts `api` (null: the CUDA runtime) in place and returns what was there. For tests; not while a queue is in use.
DeviceApi* exchange_device_api(DeviceApi* api);
/// The CUDA runtime, or in a build without CUDA an implementation that says so at each call.
DeviceApi& cuda_device_api();
}  // namespace detail

}  // namespace hexaplex
