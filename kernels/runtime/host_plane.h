#pragma once

#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Owns one plane of host memory: rows packed, start aligned to 64 bytes, pixels uninitialised.
template <class T>
class HostPlane {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  HostPlane() = default;
  explicit HostPlane(Extent extent) : extent_(extent) {
    HX_EXPECT(extent.width >= 0 && extent.height >= 0, "an extent cannot be negative");
    if (static_cast<std::size_t>(extent.area()) > std::numeric_limits<std::size_t>::max() / sizeof(T))
      throw OutOfMemory(std::numeric_limits<std::size_t>::max(), "a plane on the host");
    if (bytes() == 0) return;
    data_ = std::unique_ptr<T[], Free>(static_cast<T*>(detail::allocate_host_memory(bytes())), Free{bytes()});
  }
  HostPlane(Extent extent, T value) : HostPlane(extent) { fill(value); }

  void fill(T value) {
    for (std::int64_t i = 0, n = extent_.area(); i < n; ++i) data_.get()[i] = value;
  }
  HostPlane copy() const {
    HostPlane out(extent_);
    if (data_) std::memcpy(out.data(), data_.get(), bytes());
    return out;
  }

  Extent extent() const { return extent_; }
  int width() const { return extent_.width; }
  int height() const { return extent_.height; }
  std::size_t bytes() const { return static_cast<std::size_t>(extent_.area()) * sizeof(T); }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  T& operator()(int x, int y) { return data_.get()[static_cast<std::ptrdiff_t>(y) * extent_.width + x]; }
  const T& operator()(int x, int y) const { return data_.get()[static_cast<std::ptrdiff_t>(y) * extent_.width + x]; }

  Plane<T> view() { return {data_.get(), extent_, extent_.width}; }
  Plane<const T> view() const { return {data_.get(), extent_, extent_.width}; }

 private:
  struct Free {
    std::size_t bytes = 0;
    void operator()(T* p) const { detail::free_host_memory(p, bytes); }
  };
  Extent extent_{};
  std::unique_ptr<T[], Free> data_;
};

}  // namespace hexaplex
