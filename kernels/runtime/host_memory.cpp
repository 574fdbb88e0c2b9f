#include "kernels/runtime/host_memory.h"

#include <bit>
#include <deque>
#include <limits>
#include <mutex>
#include <new>

#include "kernels/runtime/error.h"
#include "kernels/runtime/scratch.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace hexaplex {

namespace {

constexpr std::size_t kSmallestTable = std::size_t{1} << 16;
constexpr std::size_t kSmallestPooled = std::size_t{1} << 20;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kSmallestHuge = 2 * kHugePage;
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kDefaultCap = 0;
#else
constexpr std::size_t kDefaultCap = std::size_t{256} << 20;
#endif

/// Pooled sizes have four significant bits: planes of nearly the same size share blocks, at most an eighth is wasted,
/// and what a block holds follows from what was asked for.
std::size_t pooled_size(std::size_t bytes) {
  const std::size_t step = std::bit_floor(bytes) >> 3;
  return (bytes + step - 1) / step * step;
}

std::size_t alignment_of(std::size_t size) {
  return size >= kSmallestHuge ? kHugePage : 64;
}

void* from_system(std::size_t size) {
  void* memory = ::operator new (size, std::align_val_t{alignment_of(size)}, std::nothrow);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  // Advice only: whole huge pages within the block, so that no neighbour is affected; a refusal changes nothing.
  if (memory != nullptr && size >= kSmallestHuge) (void)madvise(memory, size / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  return memory;
}

void to_system(void* memory, std::size_t size) noexcept {
  ::operator delete (memory, std::align_val_t{alignment_of(size)});
}

class Pool {
 public:
  void* take(std::size_t size) {
    const std::lock_guard<std::mutex> lock(guard_);
    for (auto block = waiting_.rbegin(); block != waiting_.rend(); ++block) {  // the latest is warmest in cache
      if (block->size != size) continue;
      void* memory = block->memory;
      bytes_ -= size;
      waiting_.erase(std::next(block).base());
      return memory;
    }
    return nullptr;
  }

  void give(void* memory, std::size_t size) noexcept {
    const std::lock_guard<std::mutex> lock(guard_);
    if (size > cap_) return to_system(memory, size);
    try {
      waiting_.push_back({memory, size});
    } catch (const std::bad_alloc&) {
      return to_system(memory, size);
    }
    bytes_ += size;
    shrink();
  }

  void set_cap(std::size_t bytes) {
    const std::lock_guard<std::mutex> lock(guard_);
    cap_ = bytes;
    shrink();
  }

  void release() {
    const std::lock_guard<std::mutex> lock(guard_);
    const std::size_t cap = cap_;
    cap_ = 0;
    shrink();
    cap_ = cap;
  }

  std::size_t bytes() {
    const std::lock_guard<std::mutex> lock(guard_);
    return bytes_;
  }

 private:
  struct Block {
    void* memory;
    std::size_t size;
  };
  void shrink() noexcept {
    while (bytes_ > cap_) {
      to_system(waiting_.front().memory, waiting_.front().size);
      bytes_ -= waiting_.front().size;
      waiting_.pop_front();
    }
  }

  std::mutex guard_;
  std::deque<Block> waiting_;  ///< oldest first
  std::size_t bytes_ = 0;
  std::size_t cap_ = kDefaultCap;
};

/// Never destroyed: a plane with static storage may be freed after every destructor here would have run.
Pool& pool() {
  static Pool& p = *new Pool;
  return p;
}

}  // namespace

void set_host_memory_pool_cap(std::size_t bytes) {
  pool().set_cap(bytes);
}

void release_host_memory_pool() {
  pool().release();
}

std::size_t host_memory_pool_bytes() {
  return pool().bytes();
}

namespace detail {

void* allocate_host_memory(std::size_t bytes) {
  void* memory = bytes < kSmallestPooled ? nullptr : allocate_scratch(bytes);
  if (memory != nullptr) return memory;
  if (bytes < kSmallestPooled) {
    memory = from_system(bytes);
  } else if (bytes <= static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / 2) {
    const std::size_t size = pooled_size(bytes);
    memory = pool().take(size);
    if (memory == nullptr) memory = from_system(size);
    if (memory == nullptr) {
      pool().release();
      memory = from_system(size);
    }
  }
  if (memory == nullptr) throw OutOfMemory(bytes, "a plane on the host");
  return memory;
}

void* allocate_table_memory(std::size_t bytes) {
  void* memory = bytes < kSmallestTable ? nullptr : allocate_scratch(bytes, ScratchUse::table);
  return memory != nullptr ? memory : allocate_host_memory(bytes);
}

void free_host_memory(void* memory, std::size_t bytes) noexcept {
  if (bytes >= kSmallestTable && free_scratch(memory)) return;
  if (bytes < kSmallestPooled) return to_system(memory, bytes);
  pool().give(memory, pooled_size(bytes));
}

}  // namespace detail

}  // namespace hexaplex
