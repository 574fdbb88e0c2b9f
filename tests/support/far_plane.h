#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/runtime/host_plane.h"

namespace hexaplex::testing {

/// A plane whose rows lie 2^30 elements and a little apart, so that the fifth begins beyond 2^32 elements: an index
/// that is computed in 32 bits misses it. Only pages that are touched take memory.
template <class T>
class FarPlane {
 public:
  explicit FarPlane(Extent extent) : extent_(extent) {
    bytes_ =
        (static_cast<std::size_t>(extent.height - 1) * kPitch + static_cast<std::size_t>(extent.width)) * sizeof(T);
    void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) data_ = static_cast<T*>(memory);
  }
  explicit FarPlane(const HostPlane<T>& pixels) : FarPlane(pixels.extent()) {
    for (int y = 0; data_ != nullptr && y < pixels.height(); ++y)
      std::copy_n(pixels.view().row(y), pixels.width(), view().row(y));
  }
  ~FarPlane() {
    if (data_ != nullptr) ::munmap(data_, bytes_);
  }
  FarPlane(const FarPlane&) = delete;
  FarPlane& operator=(const FarPlane&) = delete;

  bool ok() const { return data_ != nullptr; }  ///< false: this system gives no such address space
  Plane<T> view() const { return {data_, extent_, kPitch}; }
  HostPlane<T> near() const {
    HostPlane<T> out(extent_);
    for (int y = 0; y < extent_.height; ++y) std::copy_n(view().row(y), extent_.width, out.view().row(y));
    return out;
  }

 private:
  static constexpr std::ptrdiff_t kPitch = (std::ptrdiff_t{1} << 30) + 64;
  Extent extent_;
  std::size_t bytes_ = 0;
  T* data_ = nullptr;
};

}  // namespace hexaplex::testing
