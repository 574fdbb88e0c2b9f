#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/runtime/device.h"
#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/for_each_pixel.h"
#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

// What chains are made of. A chain is an operator written as launches of functors over pixels or indexes, a template
// over the queue: on a CudaQueue it is the CUDA twin, on a CpuQueue the very same launches run on threads of the host,
// where tests and the thread sanitizer see them. Chains allocate WorkBuffers, launch with for_each_pixel and
// for_each_index, and read back with `fetch`, nothing else. docs/decisions/0105 tells why.

/// Uninitialised host memory with DeviceBuffer's face.
template <class T>
class HostBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  HostBuffer() = default;
  HostBuffer(const CpuQueue&, std::size_t count) : size_(count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T))
      throw OutOfMemory(std::numeric_limits<std::size_t>::max(), "a buffer on the host");
    if (count > 0) data_ = static_cast<T*>(detail::allocate_host_memory(count * sizeof(T)));
  }
  ~HostBuffer() {
    if (data_ != nullptr) detail::free_host_memory(data_, size_ * sizeof(T));
  }
  HostBuffer(HostBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  HostBuffer& operator=(HostBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Owns `count` uninitialised values where the kernels of a queue of type Q can reach them.
template <class T, class Q>
using WorkBuffer = std::conditional_t<std::is_same_v<Q, CpuQueue>, HostBuffer<T>, DeviceBuffer<T>>;

/// Sets `count` values to a pattern of equal bytes.
template <class T>
void fill_bytes(const CpuQueue&, T* memory, unsigned char value, std::size_t bytes) {
  if (bytes > 0) std::memset(static_cast<void*>(memory), value, bytes);
}

namespace detail {
template <class T>
struct FillValues {
  T* values;
  T value;
  HX_HD void operator()(std::int64_t i) const { values[i] = value; }
};
}  // namespace detail

/// Sets every value of a buffer.
template <class Q, class Buffer, class T>
void fill(const Q& q, const Buffer& buffer, T value) {
  using Value = std::remove_reference_t<decltype(*buffer.data())>;
  for_each_index(q, static_cast<std::int64_t>(buffer.size()), detail::FillValues<Value>{buffer.data(), value},
                 "filling a buffer");
}

/// Copies `count` values from the queue's memory to the host's, and waits.
template <class T>
void fetch(const CpuQueue&, const T* src, T* dst, std::size_t count) {
  if (count > 0) std::memcpy(dst, src, count * sizeof(T));
}
template <class T>
void fetch(const CudaQueue& q, const T* src, T* dst, std::size_t count) {
  bring(q, src, dst, count);
}

/// One value, for the host. Waits.
template <class Q, class T>
T fetch(const Q& q, const T* src) {
  T value;
  fetch(q, src, &value, 1);
  return value;
}

}  // namespace hexaplex
