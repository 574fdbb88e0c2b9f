#include "kernels/runtime/stream_memory.h"

#include <algorithm>
#include <bit>

#include "kernels/runtime/device.h"
#include "kernels/runtime/device_api.h"

namespace hexaplex {

namespace {

// Sizes in eighths of their power of two, so that planes and tables of nearly the same size share blocks.
std::size_t rounded(std::size_t bytes) {
  constexpr std::size_t kSmallest = 512;
  if (bytes <= kSmallest) return kSmallest;
  const std::size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

constexpr std::size_t kAlignment = 256;
constexpr std::size_t kAlwaysKept = std::size_t{8} << 20;  // the small blocks of many steps

}  // namespace

StreamMemory::~StreamMemory() {
  release_idle_beyond(0);
  if (pinned_ != nullptr) device_api().free_pinned(queue_.device, pinned_);
}

void* StreamMemory::take_idle(std::size_t bytes) {
  auto best = idle_.end();
  for (auto b = idle_.begin(); b != idle_.end(); ++b)
    if (b->bytes >= bytes && b->bytes <= bytes + bytes / 4 && (best == idle_.end() || b->bytes < best->bytes)) best = b;
  if (best == idle_.end()) return nullptr;
  const Block block = *best;
  idle_.erase(best);
  idle_bytes_ -= block.bytes;
  use(block.memory, block.bytes);
  return block.memory;
}

void* StreamMemory::allocate(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const std::size_t size = rounded(bytes);
  if (void* const memory = take_idle(size); memory != nullptr) return memory;
  keep_a_quarter_beside(used_bytes_ + size);
  void* memory = nullptr;
  try {
    memory = detail::allocate_on_device(queue_, size);
  } catch (const DeviceOutOfMemory&) {
    if (idle_.empty()) throw;
    release_idle_beyond(0);
    memory = detail::allocate_on_device(queue_, size);
  }
  use(memory, size);
  return memory;
}

void StreamMemory::use(void* memory, std::size_t bytes) {
  in_use_.emplace(memory, bytes);
  used_bytes_ += bytes;
  most_used_bytes_ = std::max(most_used_bytes_, used_bytes_);
}

void StreamMemory::free(void* memory) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = in_use_.find(memory);
  const Block block{memory, found->second};
  in_use_.erase(found);
  used_bytes_ -= block.bytes;
  idle_.push_back(block);
  idle_bytes_ += block.bytes;
  keep_a_quarter_beside(used_bytes_);
}

void StreamMemory::keep_a_quarter_beside(std::size_t used) noexcept {
  const std::size_t most = std::max(most_used_bytes_, used);
  release_idle_beyond(most + most / 4 + kAlwaysKept - used);
}

void StreamMemory::release_idle_beyond(std::size_t bytes) noexcept {
  std::size_t gone = 0;
  while (idle_bytes_ > bytes) {
    device_api().free(queue_, idle_[gone].memory);
    idle_bytes_ -= idle_[gone++].bytes;
  }
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(gone));
}

std::byte* StreamMemory::stage(std::size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (!can_stage_ || bytes > kStaging) return nullptr;
  if (pinned_ == nullptr) {
    void* memory = nullptr;
    can_stage_ = device_api().allocate_pinned(queue_.device, kStaging, memory).ok();  // an error shows at the next call
    if (!can_stage_) return nullptr;
    pinned_ = static_cast<std::byte*>(memory);
  }
  if (staged_ + bytes > kStaging) {
    synchronise(queue_);
    waited();
  }
  std::byte* const place = pinned_ + staged_;
  staged_ += bytes;
  return place;
}

}  // namespace hexaplex
