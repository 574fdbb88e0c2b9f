#include "kernels/runtime/device.h"

#include <cstdint>
#include <cstring>

#include "kernels/runtime/copy_words.h"
#include "kernels/runtime/stream_memory.h"

namespace hexaplex {

namespace {

DeviceApi* replacement = nullptr;

constexpr const char* kOrTheCpu = ", or run on the CPU";

std::string sentence(const DeviceStatus& status, const std::string& what) {
  using Kind = DeviceStatus::Kind;
  const std::string because = status.detail.empty() ? "" : " (" + status.detail + ")";
  switch (status.kind) {
    case Kind::kNotBuilt:
      return std::string("this program was built without CUDA: build it with CUDA") + kOrTheCpu;
    case Kind::kNoDriver:
      return "no usable NVIDIA driver" + because + ": install or update the driver" + kOrTheCpu;
    case Kind::kNoDevice:
      return "no CUDA device was found" + because + ": check nvidia-smi and CUDA_VISIBLE_DEVICES" + kOrTheCpu;
    case Kind::kNoKernelImage:
      return what + ": this build holds no code for the device" + because +
             ": add its architecture to CMAKE_CUDA_ARCHITECTURES" + kOrTheCpu;
    case Kind::kLost:
      return what + " failed" + because + ": the device cannot be used again in this process, start a new one";
    default:
      return what + " failed" + because;
  }
}

void require(const DeviceStatus& status, const std::string& what, std::size_t bytes = 0) {
  if (status.ok()) return;
  if (status.kind == DeviceStatus::Kind::kOutOfMemory) throw DeviceOutOfMemory(bytes, what);
  throw DeviceError(sentence(status, what));
}

std::string on_device(const std::string& what, const CudaQueue& q) {
  return what + " on device " + std::to_string(q.device);
}

std::string unusable(const DeviceInfo& info) {
  return "device " + std::to_string(info.index) + (info.name.empty() ? "" : " (" + info.name + ")") +
         " cannot be used: " + info.unusable_because;
}

}  // namespace

DeviceApi& device_api() {
  return replacement != nullptr ? *replacement : detail::cuda_device_api();
}

namespace {

struct Survey {
  DeviceStatus status;  ///< of looking for devices at all
  std::vector<DeviceInfo> devices;
};

Survey survey() {
  DeviceApi& api = device_api();
  Survey found;
  int count = 0;
  found.status = api.count_devices(count);
  if (found.status.ok() && count == 0) found.status = {DeviceStatus::Kind::kNoDevice, ""};
  if (!found.status.ok()) return found;
  for (int i = 0; i < count; ++i) {
    DeviceInfo info;
    const DeviceStatus status = api.describe(i, info);
    info.index = i;
    if (!status.ok()) {
      info.usable = false;
      info.unusable_because = sentence(status, "asking for its properties");
    }
    found.devices.push_back(std::move(info));
  }
  return found;
}

std::string why_none(const Survey& found) {
  if (!found.status.ok()) return sentence(found.status, "looking for CUDA devices");
  std::string reasons;
  for (const DeviceInfo& info : found.devices) {
    if (info.usable) return "";
    reasons += (reasons.empty() ? "" : "; ") + unusable(info);
  }
  return reasons + kOrTheCpu;
}

}  // namespace

std::vector<DeviceInfo> list_devices() {
  return survey().devices;
}

std::string why_no_device() {
  return why_none(survey());
}

int choose_device(int wanted) {
  HX_EXPECT(wanted >= -1, "a device is an index from 0, or -1 for the first usable one");
  const Survey found = survey();
  const int count = static_cast<int>(found.devices.size());
  if (count > 0 && wanted >= count)
    throw DeviceError("there is no device " + std::to_string(wanted) + ": the last one is " +
                      std::to_string(count - 1));
  if (count > 0 && wanted >= 0 && !found.devices[wanted].usable)
    throw DeviceError(unusable(found.devices[wanted]) + kOrTheCpu);
  for (const DeviceInfo& info : found.devices)
    if (info.usable && (wanted == -1 || wanted == info.index)) return info.index;
  throw DeviceError(why_none(found));
}

DeviceMemory device_memory(int device) {
  DeviceMemory memory;
  require(device_api().memory(device, memory), "asking for the memory of device " + std::to_string(device));
  return memory;
}

PinnedMemory::PinnedMemory(int device, std::size_t bytes) : device_(device), size_(bytes) {
  if (bytes > 0)
    require(device_api().allocate_pinned(device, bytes, data_),
            "allocating host memory for device " + std::to_string(device), bytes);
}

PinnedMemory::~PinnedMemory() {
  if (data_ != nullptr) device_api().free_pinned(device_, data_);
}

Stream::Stream(int device, FreedMemory freed) {
  queue_.device = device;
  require(device_api().create_stream(device, queue_.stream), on_device("creating a stream", queue_));
  if (freed == FreedMemory::goes_back) return;
  memory_ = std::make_unique<StreamMemory>(queue_);
  queue_.memory = memory_.get();
}

Stream::Stream(Stream&& other) noexcept : queue_(std::exchange(other.queue_, {})), memory_(std::move(other.memory_)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  std::swap(queue_, other.queue_);
  std::swap(memory_, other.memory_);
  return *this;
}

Stream::~Stream() {
  if (queue_.stream == nullptr) return;
  // Wait even after an error: a copy that is still under way must not reach host memory that unwinding frees next.
  // What these calls report cannot leave a destructor; an error of the device shows at the next call on it.
  device_api().synchronise(queue_);
  memory_.reset();
  device_api().destroy_stream(queue_);
}

namespace detail {

DeviceApi* exchange_device_api(DeviceApi* api) {
  return std::exchange(replacement, api);
}

void* allocate_on_device(const CudaQueue& q, std::size_t bytes) {
  if (q.memory != nullptr) return q.memory->allocate(bytes);
  void* memory = nullptr;
  require(device_api().allocate(q, bytes, memory), on_device("allocating", q), bytes);
  return memory;
}

void free_on_device(const CudaQueue& q, void* memory) noexcept {
  if (q.memory != nullptr) return q.memory->free(memory);
  device_api().free(q, memory);
}

void copy_rows(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src, std::size_t src_pitch_bytes,
               std::size_t row_bytes, std::size_t rows) {
  require(device_api().copy(q, dst, dst_pitch_bytes, src, src_pitch_bytes, row_bytes, rows), on_device("copying", q),
          row_bytes * rows);
}

void copy_rows_and_wait(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src,
                        std::size_t src_pitch_bytes, std::size_t row_bytes, std::size_t rows) {
  copy_rows(q, dst, dst_pitch_bytes, src, src_pitch_bytes, row_bytes, rows);
  const DeviceStatus status = device_api().synchronise(q);
  if (!status.ok()) device_api().synchronise(q);  // the copy may still be under way: the caller's memory goes next
  require(status, on_device("work", q));
  if (q.memory != nullptr) q.memory->waited();
}

namespace {

// A small copy between device memory and what a stream staged.
void copy_staged(const CudaQueue& q, const void* from, void* to, std::size_t bytes) {
#if HX_WITH_CUDA
  const auto in_words = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 4 == 0; };
  if (bytes % 4 == 0 && in_words(from) && in_words(to)) return copy_words(q, from, to, bytes / 4);
#endif
  copy_rows(q, to, bytes, from, bytes, bytes, 1);
}

}  // namespace

void bring_bytes(const CudaQueue& q, void* host, const void* there, std::size_t bytes) {
  std::byte* const staged = q.memory != nullptr ? q.memory->stage(bytes) : nullptr;
  if (staged == nullptr) return copy_rows_and_wait(q, host, bytes, there, bytes, bytes, 1);
  copy_staged(q, there, staged, bytes);
  synchronise(q);
  std::memcpy(host, staged, bytes);
}

void send_bytes(const CudaQueue& q, void* there, const void* host, std::size_t bytes) {
  std::byte* const staged = q.memory != nullptr ? q.memory->stage(bytes) : nullptr;
  if (staged == nullptr) return copy_rows_and_wait(q, there, bytes, host, bytes, bytes, 1);
  std::memcpy(staged, host, bytes);
  copy_staged(q, staged, there, bytes);
}

}  // namespace detail

void fill_bytes(const CudaQueue& q, void* memory, unsigned char value, std::size_t bytes) {
  if (bytes > 0) require(device_api().fill(q, memory, value, bytes), on_device("filling memory", q), bytes);
}

void launch_on_device(const CudaQueue& q, const DeviceLaunch& launch, const char* what) {
  require(device_api().launch(q, launch), on_device(std::string("starting ") + what, q));
}

void synchronise(const CudaQueue& q) {
  require(device_api().synchronise(q), on_device("work", q));
  if (q.memory != nullptr) q.memory->waited();
}

void synchronise(const Queue& q) {
  struct Wait {
    void operator()(const CpuQueue&) const {}
    void operator()(const CudaQueue& cuda) const { synchronise(cuda); }
  };
  std::visit(Wait{}, q);
}

}  // namespace hexaplex
