#include "tests/support/host_device_api.h"

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
  call_ = 0;
  fail_at_ = n;
  fail_kind_ = kind;
  fail_times_ = times;
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

bool HostDeviceApi::stays_inside(const void* p, std::size_t bytes) const {
  const auto* first = static_cast<const unsigned char*>(p);
  auto next = memory_.upper_bound(first);
  if (next != memory_.begin()) {
    const auto& [start, block] = *std::prev(next);
    if (first < start + block.size) return first + bytes <= start + block.size;
  }
  return next == memory_.end() || first + bytes <= next->first;
}

DeviceStatus HostDeviceApi::enqueue(const CudaQueue& q, std::function<void()> work) {
  const auto stream = streams_.find(q.stream);
  if (stream == streams_.end()) return misused("a call on a stream that does not exist");
  stream->second.push_back(std::move(work));
  return {};
}

void HostDeviceApi::run(Work& work) {
  while (!work.empty()) {
    work.front()();
    work.pop_front();
  }
}

DeviceStatus HostDeviceApi::count_devices(int& count) {
  if (auto s = enter("count_devices"); !s.ok()) return s;
  count = static_cast<int>(devices.size());
  return {};
}

DeviceStatus HostDeviceApi::describe(int device, DeviceInfo& info) {
  if (auto s = enter("describe"); !s.ok()) return s;
  info = devices.at(device);
  return {};
}

DeviceStatus HostDeviceApi::create_stream(int, void*& stream) {
  if (auto s = enter("create_stream"); !s.ok()) return s;
  stream = new char;
  streams_[stream];
  return {};
}

DeviceStatus HostDeviceApi::destroy_stream(const CudaQueue& q) {
  if (auto s = enter("destroy_stream"); !s.ok()) return s;
  const auto stream = streams_.find(q.stream);
  if (stream == streams_.end()) return misused("a stream destroyed that does not exist");
  run(stream->second);
  streams_.erase(stream);
  delete static_cast<char*>(q.stream);
  return {};
}

DeviceStatus HostDeviceApi::allocate(const CudaQueue& q, std::size_t bytes, void*& memory) {
  if (auto s = enter("allocate"); !s.ok()) return s;
  if (streams_.count(q.stream) == 0) return misused("an allocation on a stream that does not exist");
  if (bytes > memory_limit_ - memory_in_use_) return {Kind::kOutOfMemory, "the stand-in's limit"};
  std::unique_ptr<unsigned char[]> block(new (std::nothrow) unsigned char[bytes]);
  if (!block) return {Kind::kOutOfMemory, "the host's limit"};
  std::memset(block.get(), 0xa5, bytes);  // fresh device memory is never zero by luck
  memory = block.get();
  memory_in_use_ += bytes;
  const unsigned char* start = block.get();
  memory_[start] = Block{std::move(block), bytes};
  return {};
}

DeviceStatus HostDeviceApi::free(const CudaQueue& q, void* memory) {
  if (auto s = enter("free"); !s.ok()) return s;
  if (memory_.count(static_cast<unsigned char*>(memory)) == 0) return misused("memory freed that was never allocated");
  return enqueue(q, [this, memory] {
    const auto block = memory_.find(static_cast<unsigned char*>(memory));
    if (block == memory_.end()) return void(misuse_.push_back("memory freed twice"));
    memory_in_use_ -= block->second.size;
    memory_.erase(block);
  });
}

DeviceStatus HostDeviceApi::copy(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src,
                                 std::size_t src_pitch_bytes, std::size_t row_bytes, std::size_t rows) {
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
  if (auto s = enter("fill"); !s.ok()) return s;
  if (!stays_inside(memory, bytes)) return misused("a fill writes beyond its allocation");
  return enqueue(q, [=] { std::memset(memory, value, bytes); });
}

DeviceStatus HostDeviceApi::launch(const CudaQueue& q, const DeviceLaunch& launch) {
  if (auto s = enter("launch"); !s.ok()) return s;
  std::size_t threads = 1;
  for (unsigned side : launch.block) threads *= side;
  if (threads == 0 || threads > 1024) return misused("a block of no or of more than 1024 threads");
  if (launch.grid[0] == 0 || launch.grid[1] == 0 || launch.grid[1] > 65535) return misused("a grid out of bounds");
  if (launch.on_host == nullptr) return misused("a launch without a host form");
  return enqueue(q, launch.on_host(launch.arguments));
}

DeviceStatus HostDeviceApi::synchronise(const CudaQueue& q) {
  if (auto s = enter("synchronise"); !s.ok()) return s;
  const auto stream = streams_.find(q.stream);
  if (stream == streams_.end()) return misused("a wait for a stream that does not exist");
  run(stream->second);
  return {};
}

}  // namespace hexaplex::testing
