#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/runtime/queue.h"

namespace hexaplex {

/// What a stream keeps at hand, so that windows that need the same memory again and again ask the driver once: device
/// memory that was freed on it, and pinned memory for small tables and results. One thread at a time works on a stream,
/// but what it made may be let go by any thread, also while the stream works: device memory is under a lock.
///
/// Memory freed on a stream is taken again on the same stream, where the order of the work makes that safe. A pool that
/// streams share may let one wait for another's work to reuse its memory, and calls to it cost as much as a launch.
class StreamMemory {
 public:
  /// @param q  outlives this
  explicit StreamMemory(const CudaQueue& q) : queue_{q.stream, q.device} {}
  /// Nothing on the queue may use any of it any more.
  ~StreamMemory();
  StreamMemory(const StreamMemory&) = delete;
  StreamMemory& operator=(const StreamMemory&) = delete;

  /// Blocks that are not larger than needed by more than a quarter serve again; idle ones go, the oldest first, once
  /// there is a quarter and 8 MiB more than was ever in use at a time, and all of them where the device has no more.
  /// Throws: DeviceOutOfMemory, DeviceError
  void* allocate(std::size_t bytes);
  void free(void* memory) noexcept;

  /// Pinned memory that nothing else uses until the queue is waited for next; null for more than kStaging bytes, or
  /// where the host has none to give. May wait. Throws: DeviceError
  std::byte* stage(std::size_t bytes);
  static constexpr std::size_t kStaging = std::size_t{1} << 20;

  /// The queue was waited for: what was staged has been copied.
  void waited() { staged_ = 0; }

  std::size_t idle_bytes() const { return idle_bytes_; }

 private:
  struct Block {
    void* memory;
    std::size_t bytes;
  };
  void* take_idle(std::size_t bytes);
  void use(void* memory, std::size_t bytes);
  void keep_a_quarter_beside(std::size_t used) noexcept;
  void release_idle_beyond(std::size_t bytes) noexcept;

  CudaQueue queue_;
  std::mutex mutex_;                               ///< of all below but what is pinned
  std::vector<Block> idle_;                        ///< in the order in which they were freed
  std::unordered_map<void*, std::size_t> in_use_;  ///< bytes of each block
  std::size_t idle_bytes_ = 0, used_bytes_ = 0, most_used_bytes_ = 0;
  std::byte* pinned_ = nullptr;
  bool can_stage_ = true;
  std::size_t staged_ = 0;
};

}  // namespace hexaplex
