#include "core/compute/lane.h"

#include <algorithm>
#include <cstring>

namespace hexaplex {

namespace {
constexpr std::size_t kAlignment = 256, kSmallestBlock = std::size_t{1} << 20;
}

std::byte* Lane::take(std::size_t bytes) {
  if (!stream_) return blocks_.emplace_back(CpuQueue{}, bytes).data();
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (used_ == 0 && pinned_.size() == 1 && pinned_[0].size() < wanted_) pinned_.clear();  // of a smaller window
  if (pinned_.empty() || used_ + bytes > pinned_.back().size()) {
    const std::size_t size = pinned_.empty() ? std::max({bytes, wanted_, kSmallestBlock}) : bytes;
    pinned_.emplace_back(device_, size);
    used_ = 0;
  }
  std::byte* taken = pinned_.back().data() + used_;
  used_ += bytes;
  return taken;
}

// One block is kept. Where a window took several, the next one begins with a block that would have held them all.
void Lane::recycle() {
  blocks_.clear();
  used_ = 0;
  if (pinned_.size() < 2) return;
  std::size_t all = 0;
  for (const PinnedMemory& p : pinned_) all += p.size();
  wanted_ = std::max(wanted_, all);
  pinned_.clear();
}

void Lane::finish() {
  synchronise(queue());
  for (const Arrival& a : arrivals_)
    for (int y = 0; y < a.rows; ++y)
      std::memcpy(a.to + static_cast<std::size_t>(y) * a.to_pitch_bytes,
                  a.from + static_cast<std::size_t>(y) * a.row_bytes, a.row_bytes);
  arrivals_.clear();
  recycle();
}

void Lane::drain() {
  arrivals_.clear();
  synchronise(queue());
  recycle();
}

std::unique_ptr<Lane> LanePool::take() {
  {
    const std::lock_guard<std::mutex> lock(guard_);
    if (!idle_.empty()) {
      auto lane = std::move(idle_.back());
      idle_.pop_back();
      return lane;
    }
  }
  return std::make_unique<Lane>(device_);
}

void LanePool::give(std::unique_ptr<Lane> lane) {
  const std::lock_guard<std::mutex> lock(guard_);
  idle_.push_back(std::move(lane));
}

void LanePool::clear() {
  std::vector<std::unique_ptr<Lane>> idle;
  const std::lock_guard<std::mutex> lock(guard_);
  idle.swap(idle_);
}

}  // namespace hexaplex
