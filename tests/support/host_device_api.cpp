#include "tests/support/host_device_api.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace hexaplex::testing {

using Kind = DeviceStatus::Kind;

HostDeviceApi::HostDeviceApi() {
  DeviceInfo info;
  info.name = "host stand-in";
  info.compute_major = 9;
  info.memory_bytes = std::size_t{1} << 30;
  info.driver_version = 13000;
  info.usable = true;
  devices.push_back(info);
}

HostDeviceApi::~HostDeviceApi() {
  for (auto& [stream, work] : streams_) delete static_cast<char*>(stream);
}

void HostDeviceApi::fail_call(int n, Kind kind, Times times) {
  const Lock lock(guard_);
  call_ = 0;
  fail_at_ = n;
  fail_kind_ = kind;
  fail_times_ = times;
}

void HostDeviceApi::fail_nothing() {
  const Lock lock(guard_);
  fail_at_ = 0;
}

DeviceStatus HostDeviceApi::enter(const char* name) {
  ++call_;
  calls_.emplace_back(name);
  if (fail_at_ > 0 && (call_ == fail_at_ || (call_ > fail_at_ && fail_times_ == Times::kForever)))
    return {fail_kind_, std::string("injected at ") + name};
  return {};
}

DeviceStatus HostDeviceApi::misused(const std::string& how) {
  misuse_.push_back(how);
  return {Kind::kFailed, how};
}

bool HostDeviceApi::stays_inside(const Blocks& blocks, const unsigned char* first, std::size_t bytes) {
  auto next = blocks.upper_bound(first);
  if (next != blocks.begin()) {
    const auto& [start, block] = *std::prev(next);
    if (first < start + block.size) return first + bytes <= start + block.size;
  }
  return next == blocks.end() || first + bytes <= next->first;
}

bool HostDeviceApi::stays_inside(const void* p, std::size_t bytes) const {
  const auto* first = static_cast<const unsigned char*>(p);
  return stays_inside(memory_, first, bytes) && stays_inside(pinned_, first, bytes);
}

DeviceStatus HostDeviceApi::enqueue(const CudaQueue& q, std::function<void()> work) {
  const auto stream = streams_.find(q.stream);
  if (stream == streams_.end()) return misused("a call on a stream that does not exist");
  stream->second.push_back(std::move(work));
  return {};
}

void HostDeviceApi::run(void* stream, Lock& lock) {
  for (;;) {
    const auto found = streams_.find(stream);
    if (found == streams_.end() || found->second.empty()) return;
    const std::function<void()> work = std::move(found->second.front());
    found->second.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

void* HostDeviceApi::add_block(Blocks& blocks, std::size_t bytes) {
  std::unique_ptr<unsigned char[]> block(new (std::nothrow) unsigned char[bytes]);
  if (!block) return nullptr;
  std::memset(block.get(), 0xa5, bytes);
  unsigned char* start = block.get();
  blocks[start] = Block{std::move(block), bytes};
  return start;
}

DeviceStatus HostDeviceApi::count_devices(int& count) {
  const Lock lock(guard_);
  if (auto s = enter("count_devices"); !s.ok()) return s;
  count = static_cast<int>(devices.size());
  return {};
}

DeviceStatus HostDeviceApi::describe(int device, DeviceInfo& info) {
  const Lock lock(guard_);
  if (auto s = enter("describe"); !s.ok()) return s;
  info = devices.at(device);
  return {};
}

DeviceStatus HostDeviceApi::memory(int device, DeviceMemory& memory) {
  const Lock lock(guard_);
  if (auto s = enter("memory"); !s.ok()) return s;
  memory.total_bytes = std::min(devices.at(device).memory_bytes, memory_limit_);
  memory.free_bytes = memory.total_bytes - std::min(memory_in_use_, memory.total_bytes);
  memory.most_used_bytes = most_in_use_;
  return {};
}

DeviceStatus HostDeviceApi::allocate_pinned(int, std::size_t bytes, void*& memory) {
  const Lock lock(guard_);
  if (auto s = enter("allocate_pinned"); !s.ok()) return s;
  if (bytes > pinned_limit_ - pinned_in_use_) return {Kind::kOutOfMemory, "the stand-in's limit"};
  memory = add_block(pinned_, bytes);
  if (memory == nullptr) return {Kind::kOutOfMemory, "the host's limit"};
  pinned_in_use_ += bytes;
  most_pinned_ = std::max(most_pinned_, pinned_in_use_);
  return {};
}

DeviceStatus HostDeviceApi::free_pinned(int, void* memory) {
  const Lock lock(guard_);
  const DeviceStatus entered = enter("free_pinned");
  const auto block = pinned_.find(static_cast<unsigned char*>(memory));
  if (block == pinned_.end()) return misused("pinned memory freed that was never allocated");
  pinned_in_use_ -= block->second.size;
  pinned_.erase(block);  // after a failure too: nobody will ask a second time
  return entered;
}

DeviceStatus HostDeviceApi::create_stream(int, void*& stream) {
  const Lock lock(guard_);
  if (auto s = enter("create_stream"); !s.ok()) return s;
  stream = new char;
  streams_[stream];
  return {};
}

DeviceStatus HostDeviceApi::destroy_stream(const CudaQueue& q) {
  Lock lock(guard_);
  if (auto s = enter("destroy_stream"); !s.ok()) return s;
  if (streams_.count(q.stream) == 0) return misused("a stream destroyed that does not exist");
  run(q.stream, lock);
  streams_.erase(q.stream);
  delete static_cast<char*>(q.stream);
  return {};
}

DeviceStatus HostDeviceApi::allocate(const CudaQueue& q, std::size_t bytes, void*& memory) {
  Lock lock(guard_);
  if (auto s = enter("allocate"); !s.ok()) return s;
  if (streams_.count(q.stream) == 0) return misused("an allocation on a stream that does not exist");
  // What this stream frees before is there in its order.
  if (bytes > memory_limit_ - std::min(memory_limit_, memory_in_use_)) run(q.stream, lock);
  if (bytes > memory_limit_ - std::min(memory_limit_, memory_in_use_))
    return {Kind::kOutOfMemory, "the stand-in's limit"};
  memory = add_block(memory_, bytes);
  if (memory == nullptr) return {Kind::kOutOfMemory, "the host's limit"};
  memory_in_use_ += bytes;
  most_in_use_ = std::max(most_in_use_, memory_in_use_);
  return {};
}

DeviceStatus HostDeviceApi::free(const CudaQueue& q, void* memory) {
  const Lock lock(guard_);
  if (auto s = enter("free"); !s.ok()) return s;
  if (memory_.count(static_cast<unsigned char*>(memory)) == 0) return misused("memory freed that was never allocated");
  return enqueue(q, [this, memory] {
    const Lock later(guard_);
    const auto block = memory_.find(static_cast<unsigned char*>(memory));
    if (block == memory_.end()) return void(misuse_.push_back("memory freed twice"));
    memory_in_use_ -= block->second.size;
    memory_.erase(block);
  });
}

DeviceStatus HostDeviceApi::copy(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src,
                                 std::size_t src_pitch_bytes, std::size_t row_bytes, std::size_t rows) {
  const Lock lock(guard_);
  if (auto s = enter("copy"); !s.ok()) return s;
  if (row_bytes > dst_pitch_bytes || row_bytes > src_pitch_bytes)
    return misused("a copy's rows are longer than its pitch");
  if (rows == 0 || row_bytes == 0) return misused("an empty copy");
  if (!stays_inside(dst, (rows - 1) * dst_pitch_bytes + row_bytes))
    return misused("a copy writes beyond its allocation");
  if (!stays_inside(src, (rows - 1) * src_pitch_bytes + row_bytes))
    return misused("a copy reads beyond its allocation");
  return enqueue(q, [=] {
    for (std::size_t y = 0; y < rows; ++y)
      std::memcpy(static_cast<unsigned char*>(dst) + y * dst_pitch_bytes,
                  static_cast<const unsigned char*>(src) + y * src_pitch_bytes, row_bytes);
  });
}

DeviceStatus HostDeviceApi::fill(const CudaQueue& q, void* memory, unsigned char value, std::size_t bytes) {
  const Lock lock(guard_);
  if (auto s = enter("fill"); !s.ok()) return s;
  if (!stays_inside(memory, bytes)) return misused("a fill writes beyond its allocation");
  return enqueue(q, [=] { std::memset(memory, value, bytes); });
}

DeviceStatus HostDeviceApi::launch(const CudaQueue& q, const DeviceLaunch& launch) {
  const Lock lock(guard_);
  if (auto s = enter("launch"); !s.ok()) return s;
  std::size_t threads = 1;
  for (unsigned side : launch.block) threads *= side;
  if (threads == 0 || threads > 1024) return misused("a block of no or of more than 1024 threads");
  if (launch.grid[0] == 0 || launch.grid[1] == 0 || launch.grid[1] > 65535) return misused("a grid out of bounds");
  if (launch.on_host == nullptr) return misused("a launch without a host form");
  return enqueue(q, launch.on_host(launch.arguments));
}

DeviceStatus HostDeviceApi::synchronise(const CudaQueue& q) {
  Lock lock(guard_);
  if (auto s = enter("synchronise"); !s.ok()) return s;
  if (streams_.count(q.stream) == 0) return misused("a wait for a stream that does not exist");
  run(q.stream, lock);
  return {};
}

}  // namespace hexaplex::testing
