#pragma once

#include <cstring>
#include <variant>

#include "kernels/runtime/device.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Owns one plane, uninitialised, where the operators of a queue can reach it: host memory for a CpuQueue, device
/// memory for a CudaQueue, whose stream must outlive it.
template <class T>
class QueuePlane {
 public:
  QueuePlane() = default;
  QueuePlane(const Queue& q, Extent extent) {
    if (const CpuQueue* cpu = std::get_if<CpuQueue>(&q); cpu != nullptr) {
      plane_ = HostPlane<T>(extent);
      return;
    }
#if HX_WITH_CUDA
    plane_ = DevicePlane<T>(std::get<CudaQueue>(q), extent);
#endif
  }

  Extent extent() const {
    return std::visit([](const auto& p) { return p.extent(); }, plane_);
  }
  Plane<T> view() {
    return std::visit([](auto& p) -> Plane<T> { return p.view(); }, plane_);
  }
  Plane<const T> view() const {
    return std::visit([](const auto& p) -> Plane<const T> { return p.view(); }, plane_);
  }

 private:
  std::variant<HostPlane<T>, DevicePlane<T>> plane_;
};

/// Copies pixels between planes of the host and of a queue, either way, and waits.
template <class T>
void copy_and_wait(const Queue& q, Plane<const T> src, Plane<T> dst) {
#if HX_WITH_CUDA
  if (const CudaQueue* cuda = std::get_if<CudaQueue>(&q); cuda != nullptr) return copy_and_wait<T>(*cuda, src, dst);
#endif
  (void)q;
  HX_EXPECT(src.extent == dst.extent, "src and dst differ in extent");
  for (int y = 0; y < src.height(); ++y)
    std::memcpy(dst.row(y), src.row(y), sizeof(T) * static_cast<std::size_t>(src.width()));
}

/// A plane of the host, on the queue.
template <class T>
QueuePlane<T> upload(const Queue& q, Plane<const T> src) {
  QueuePlane<T> out(q, src.extent);
  copy_and_wait<T>(q, src, out.view());
  return out;
}

/// A plane of the queue, on the host.
template <class T>
HostPlane<T> download(const Queue& q, Plane<const T> src) {
  HostPlane<T> out(src.extent);
  copy_and_wait<T>(q, src, out.view());
  return out;
}

}  // namespace hexaplex
