#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/runtime/device_api.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

// The only gate to CUDA. Free of CUDA headers, so that every build compiles it; without CUDA `list_devices` is empty,
// `why_no_device` says so and everything else throws DeviceError.
//
// What returns when: enqueue, fill, launch, allocate and free only put work on the stream. `copy` does too where both
// sides are device memory; with host memory on one side it may or may not wait, so that memory must live, unchanged,
// until `synchronise` has returned. A kernel's own failure shows at a later call on the device, at the latest at
// `synchronise`: nothing is a result before that has returned.

/// The devices this process can see, usable or not. Empty where there is none; never throws for a missing driver.
std::vector<DeviceInfo> list_devices();

/// Why `choose_device` would refuse: one sentence with the mend; empty where there is a usable device.
std::string why_no_device();

/// The device to work on: `wanted`, or with -1 the first usable one. Throws DeviceError that says why there is none.
int choose_device(int wanted = -1);

/// Memory of a device now. Throws DeviceError.
DeviceMemory device_memory(int device);

/// Owns host memory that a device copies from and to at full speed, while the host does something else: where copies of
/// planes go through (staging). Uninitialised, aligned to 64 bytes. Dear to get: keep it for the next window. It must
/// outlive the copies: declare it before the stream that they are on.
class PinnedMemory {
 public:
  PinnedMemory() = default;
  /// Throws: DeviceOutOfMemory; DeviceError
  PinnedMemory(int device, std::size_t bytes);
  ~PinnedMemory();
  PinnedMemory(PinnedMemory&& other) noexcept
      : device_(other.device_), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  PinnedMemory& operator=(PinnedMemory&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  std::byte* data() const { return static_cast<std::byte*>(data_); }
  std::size_t size() const { return size_; }

 private:
  int device_ = 0;
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

/// What becomes of memory that is freed on a stream.
enum class FreedMemory {
  goes_back,  ///< to the device, in the order of the stream's work
  is_kept,    ///< for the next that asks on this stream (stream_memory.h): for many windows of one kind
};

/// Owns a stream of one device. Destroying it waits for its work: host memory that copies use, declared before the
/// stream, is safe even when an exception unwinds both. What was allocated on it goes before it.
class Stream {
 public:
  explicit Stream(int device = 0, FreedMemory freed = FreedMemory::goes_back);
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;
  CudaQueue queue() const { return queue_; }

 private:
  CudaQueue queue_;
  std::unique_ptr<StreamMemory> memory_;
};

namespace detail {
void* allocate_on_device(const CudaQueue& q, std::size_t bytes);
void free_on_device(const CudaQueue& q, void* memory) noexcept;
void copy_rows(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src, std::size_t src_pitch_bytes,
               std::size_t row_bytes, std::size_t rows);
void copy_rows_and_wait(const CudaQueue& q, void* dst, std::size_t dst_pitch_bytes, const void* src,
                        std::size_t src_pitch_bytes, std::size_t row_bytes, std::size_t rows);
void bring_bytes(const CudaQueue& q, void* host, const void* there, std::size_t bytes);
void send_bytes(const CudaQueue& q, void* there, const void* host, std::size_t bytes);
}  // namespace detail

/// Owns `count` values of device memory, uninitialised. Allocated and freed in the order of the queue's stream: it may
/// go out of scope while enqueued kernels still use it. Its queue's stream must outlive it.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;
  DeviceBuffer(const CudaQueue& q, std::size_t count) : queue_(q), size_(count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T))
      throw DeviceOutOfMemory(std::numeric_limits<std::size_t>::max(), "a buffer on the device");
    if (count > 0) data_ = static_cast<T*>(detail::allocate_on_device(q, count * sizeof(T)));
  }
  ~DeviceBuffer() {
    if (data_ != nullptr) detail::free_on_device(queue_, data_);
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : queue_(other.queue_), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(queue_, other.queue_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  CudaQueue queue_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Owns one plane of device memory, uninitialised; each row starts on a multiple of 128 bytes.
template <class T>
class DevicePlane {
 public:
  DevicePlane() = default;
  DevicePlane(const CudaQueue& q, Extent extent)
      : extent_(extent),
        pitch_(padded(extent.width)),
        buffer_(q, extent.empty() ? 0 : static_cast<std::size_t>(pitch_) * extent.height) {}

  Extent extent() const { return extent_; }
  Plane<T> view() const { return {buffer_.data(), extent_, pitch_}; }

 private:
  static std::ptrdiff_t padded(std::ptrdiff_t width) {
    constexpr std::ptrdiff_t step = sizeof(T) < 128 ? 128 / sizeof(T) : 1;
    return (width + step - 1) / step * step;
  }
  Extent extent_{};
  std::ptrdiff_t pitch_ = 0;
  DeviceBuffer<T> buffer_;
};

/// Enqueues a copy of a plane between host and device, or within the device. Same extents; see above for lifetimes.
template <class T>
void copy(const CudaQueue& q, Plane<const T> src, Plane<T> dst) {
  HX_EXPECT(src.extent == dst.extent, "src and dst differ in extent");
  HX_EXPECT(is_sound(src) && is_sound(dst), "a plane needs data, and a pitch no smaller than its width");
  if (src.extent.empty()) return;
  detail::copy_rows(q, dst.data, dst.pitch * sizeof(T), src.data, src.pitch * sizeof(T), src.extent.width * sizeof(T),
                    src.extent.height);
}

/// Enqueues a copy of `count` values.
template <class T>
void copy(const CudaQueue& q, const T* src, T* dst, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (count > 0) detail::copy_rows(q, dst, count * sizeof(T), src, count * sizeof(T), count * sizeof(T), 1);
}

/// The same two, and wait, after an error too: host memory may go as soon as they have returned or thrown.
template <class T>
void copy_and_wait(const CudaQueue& q, Plane<const T> src, Plane<T> dst) {
  HX_EXPECT(src.extent == dst.extent, "src and dst differ in extent");
  HX_EXPECT(is_sound(src) && is_sound(dst), "a plane needs data, and a pitch no smaller than its width");
  if (src.extent.empty()) return;
  detail::copy_rows_and_wait(q, dst.data, dst.pitch * sizeof(T), src.data, src.pitch * sizeof(T),
                             src.extent.width * sizeof(T), src.extent.height);
}
template <class T>
void copy_and_wait(const CudaQueue& q, const T* src, T* dst, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (count > 0) detail::copy_rows_and_wait(q, dst, count * sizeof(T), src, count * sizeof(T), count * sizeof(T), 1);
}

/// Brings `count` values of device memory to the host, and waits. Through pinned memory where the stream keeps some.
template <class T>
void bring(const CudaQueue& q, const T* there, T* host, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (count > 0) detail::bring_bytes(q, host, there, count * sizeof(T));
}

/// Sends `count` values of the host to device memory; `host` may go when this returns. Waits, unless the stream keeps
/// pinned memory that they fit in.
template <class T>
void send(const CudaQueue& q, const T* host, T* there, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (count > 0) detail::send_bytes(q, there, host, count * sizeof(T));
}

/// Enqueues setting `bytes` bytes of device memory to `value`.
void fill_bytes(const CudaQueue& q, void* memory, unsigned char value, std::size_t bytes);

/// Enqueues a kernel; `what` names it in an error. Operators use for_each_pixel.cuh.
void launch_on_device(const CudaQueue& q, const DeviceLaunch& launch, const char* what);

/// Waits for all work of the queue, and throws what went wrong in it. On the CPU there is nothing to wait for.
void synchronise(const CudaQueue& q);
void synchronise(const Queue& q);

}  // namespace hexaplex
