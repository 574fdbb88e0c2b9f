#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kernels/runtime/device_api.h"

namespace hexaplex::testing {

/// A device made of host memory, with one thing in common with a real one: work is only put on a stream, and done when
/// the stream is waited for. So a result that is read too early, or host memory freed too early, shows. Kernels run
/// through the host form of their launch. Any call can be told to fail. Threads may call it side by side, each with a
/// stream of its own, as they may the CUDA runtime.
class HostDeviceApi final : public DeviceApi {
 public:
  ~HostDeviceApi() override;

  /// The n-th call from now on (the first is 1) fails, once or it and all later ones.
  enum class Times { kOnce, kForever };
  void fail_call(int n, DeviceStatus::Kind kind, Times times);
  void fail_nothing();

  // What follows is for times when no other thread calls.

  /// Names of the calls since the start or the last `forget_calls`, in order, failed ones included.
  const std::vector<std::string>& calls() const { return calls_; }
  void forget_calls() { calls_.clear(); }

  /// Misuse found so far: copies outside an allocation, unknown pointers, streams used after their end.
  const std::vector<std::string>& misuse() const { return misuse_; }
  std::size_t live_allocations() const { return memory_.size(); }
  std::size_t live_streams() const { return streams_.size(); }
  std::size_t live_pinned() const { return pinned_.size(); }
  /// Bytes of pinned memory that were there at a time.
  std::size_t most_pinned() const { return most_pinned_; }
  /// Allocations beyond this many bytes in all are refused as out of memory.
  void limit_memory(std::size_t bytes) { memory_limit_ = bytes; }
  /// The same for pinned host memory.
  void limit_pinned(std::size_t bytes) { pinned_limit_ = bytes; }

  /// What `describe` reports.
  std::vector<DeviceInfo> devices;

  HostDeviceApi();
  DeviceStatus count_devices(int& count) override;
  DeviceStatus describe(int device, DeviceInfo& info) override;
  DeviceStatus memory(int device, DeviceMemory& memory) override;
  DeviceStatus allocate_pinned(int device, std::size_t bytes, void*& memory) override;
  DeviceStatus free_pinned(int device, void* memory) override;
  DeviceStatus create_stream(int device, void*& stream) override;
  DeviceStatus destroy_stream(const CudaQueue& q) override;
  DeviceStatus allocate(const CudaQueue& q, std::size_t bytes, void*& memory) override;
  DeviceStatus free(const CudaQueue& q, void* memory) override;
  DeviceStatus copy(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src,
                    std::size_t src_pitch_bytes, std::size_t row_bytes, std::size_t rows) override;
  DeviceStatus fill(const CudaQueue& q, void* memory, unsigned char value, std::size_t bytes) override;
  DeviceStatus launch(const CudaQueue& q, const DeviceLaunch& launch) override;
  DeviceStatus synchronise(const CudaQueue& q) override;

 private:
  using Work = std::deque<std::function<void()>>;
  using Lock = std::unique_lock<std::mutex>;
  struct Block {
    std::unique_ptr<unsigned char[]> bytes;
    std::size_t size = 0;
  };

  using Blocks = std::map<const unsigned char*, Block>;

  DeviceStatus enter(const char* name);
  /// Memory that is never zero by luck; null where the host has none.
  static void* add_block(Blocks& blocks, std::size_t bytes);
  DeviceStatus enqueue(const CudaQueue& q, std::function<void()> work);
  DeviceStatus misused(const std::string& how);
  /// Whether `bytes` bytes from `p` lie in host memory altogether or in one allocation.
  bool stays_inside(const void* p, std::size_t bytes) const;
  static bool stays_inside(const Blocks& blocks, const unsigned char* first, std::size_t bytes);
  /// Does what waits on a stream, unlocked while it works: that may take several threads, and those other work.
  void run(void* stream, Lock& lock);

  std::mutex guard_;
  std::map<void*, Work> streams_;
  Blocks memory_, pinned_;
  std::size_t memory_in_use_ = 0, most_in_use_ = 0, pinned_in_use_ = 0, most_pinned_ = 0;
  std::size_t memory_limit_ = static_cast<std::size_t>(-1), pinned_limit_ = static_cast<std::size_t>(-1);
  std::vector<std::string> calls_;
  std::vector<std::string> misuse_;
  int call_ = 0;
  int fail_at_ = 0;  ///< 0: nothing fails
  DeviceStatus::Kind fail_kind_ = DeviceStatus::Kind::kFailed;
  Times fail_times_ = Times::kOnce;
};

/// Puts a stand-in in the CUDA runtime's place for as long as it lives.
class ScopedHostDevice {
 public:
  ScopedHostDevice() : before_(detail::exchange_device_api(&api_)) {}
  ~ScopedHostDevice() { detail::exchange_device_api(before_); }
  ScopedHostDevice(const ScopedHostDevice&) = delete;
  ScopedHostDevice& operator=(const ScopedHostDevice&) = delete;
  HostDeviceApi& api() { return api_; }

 private:
  HostDeviceApi api_;
  DeviceApi* before_;
};

}  // namespace hexaplex::testing
