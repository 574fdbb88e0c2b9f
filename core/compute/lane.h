#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/runtime/device.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue_plane.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex {

/// A plane where the operators of a lane reach it: a plane of the host on the CPU, one of the device's own there.
template <class T>
struct LanePlane {
  Plane<T> view{};
  QueuePlane<T> owned{};
};

/// The same of pixels that are only looked at.
template <class T>
struct SeenPlane {
  Plane<const T> view{};
  QueuePlane<T> owned{};
};

/// The way of one worker's windows through operators: one thread of the CPU, or a stream of a device and pinned host
/// memory that everything it copies goes through, so that copies and work of several lanes overlap. The same calls
/// serve both, and on the CPU they copy nothing.
///
/// A window begins with planes of the host and ends with `finish`. One thread at a time. After an error a lane is
/// thrown away, or `drain`ed: its copies touch no memory but its own, so nothing else must wait for them.
class Lane {
 public:
  /// The CPU.
  Lane() = default;
  explicit Lane(const CpuQueue& cpu) : cpu_(cpu) {}
  /// Throws: DeviceOutOfMemory; DeviceError, and so do all calls of a lane to a device.
  explicit Lane(int device) : device_(device), stream_(std::in_place, device, FreedMemory::is_kept) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  Queue queue() const {
#if HX_WITH_CUDA
    if (stream_) return stream_->queue();
#endif
    return cpu_;
  }
  /// What the host does for a window: its threads.
  CpuQueue host_queue() const {
    return cpu_;
  }

  /// Tells how much a window is about to take of host_plane and fetch: asked for at once, it comes faster.
  void expect(std::size_t bytes) {
    wanted_ = std::max(wanted_, bytes);
  }

  /// A plane of the host to fill and send. It lives until the window ends.
  template <class T>
  Plane<T> host_plane(Extent extent) {
    const std::size_t bytes = static_cast<std::size_t>(extent.area()) * sizeof(T);
    return {bytes == 0 ? nullptr : reinterpret_cast<T*>(take(bytes)), extent, extent.width};
  }

  /// What a host_plane holds, for operators.
  template <class T>
  LanePlane<T> send(Plane<T> from) {
    if (!stream_) return {from, {}};
    LanePlane<T> there = on_device<T>(from.extent);
    copy<T>(stream_->queue(), from, there.view);
    return there;
  }

  /// A plane of the host, or a window of one, for operators: on the CPU as it is. Without data it stays so.
  template <class T>
  SeenPlane<T> see(Plane<const T> host) {
    if (!stream_ || host.data == nullptr) return {host, {}};
    const Plane<T> staged = host_plane<T>(host.extent);
    copy_and_wait<T>(Queue{cpu_}, host, staged);
    LanePlane<T> there = send(staged);
    return {there.view, std::move(there.owned)};
  }

  /// Copies a host_plane to a plane in the queue's memory, of any lane of this device.
  template <class T>
  void send(Plane<T> from, Plane<T> to) {
    if (stream_) return copy<T>(stream_->queue(), from, to);
    copy_and_wait<T>(queue(), from, to);
  }

  /// Where operators write what `fetch` brings to `to`; on the CPU that is `to` itself. A plane without data stays one.
  template <class T>
  LanePlane<T> target(Plane<T> to) {
    if (!stream_ || to.data == nullptr) return {to, {}};
    return on_device<T>(to.extent);
  }

  /// Brings a plane, or a window of one, to the host; it is there once the window has ended. On the CPU nothing is
  /// copied where it is there already.
  template <class T>
  void fetch(Plane<const T> there, Plane<T> to) {
    if (to.data == nullptr || there.data == to.data) return;
    if (!stream_) return copy_and_wait<T>(queue(), there, to);
    const Plane<T> staged = host_plane<T>(to.extent);
    copy<T>(stream_->queue(), there, staged);
    arrivals_.push_back({reinterpret_cast<const std::byte*>(staged.data), reinterpret_cast<std::byte*>(to.data),
                         static_cast<std::size_t>(to.extent.width) * sizeof(T),
                         static_cast<std::size_t>(to.pitch) * sizeof(T), to.extent.height});
  }

  /// Ends a window: waits for its work, and hands over what was fetched.
  void finish();

  /// Forgets a window that failed.
  void drain();

 private:
  struct Arrival {
    const std::byte* from;
    std::byte* to;
    std::size_t row_bytes, to_pitch_bytes;
    int rows;
  };
  template <class T>
  LanePlane<T> on_device(Extent extent) {
    LanePlane<T> plane{{}, QueuePlane<T>(queue(), extent)};
    plane.view = plane.owned.view();
    return plane;
  }
  std::byte* take(std::size_t bytes);
  void recycle();

  // Memory first: the stream, which waits when it ends, ends before it.
  std::vector<HostBuffer<std::byte>> blocks_;
  std::vector<PinnedMemory> pinned_;
  std::size_t used_ = 0;    // of the last block
  std::size_t wanted_ = 0;  // that a window takes up
  std::vector<Arrival> arrivals_;
  CpuQueue cpu_{1};
  int device_ = -1;
  std::optional<Stream> stream_;
};

/// Lanes to one device, as many as there are workers.
class LanePool {
 public:
  explicit LanePool(int device) : device_(device) {}

  /// A lane while this lives; then it waits for the next worker. One that failed is not used again.
  class Lease {
   public:
    explicit Lease(LanePool& pool) : pool_(pool), lane_(pool.take()), failures_(std::uncaught_exceptions()) {}
    ~Lease() {
      if (std::uncaught_exceptions() == failures_) pool_.give(std::move(lane_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lane& operator*() const { return *lane_; }
    Lane* operator->() const { return lane_.get(); }

   private:
    LanePool& pool_;
    std::unique_ptr<Lane> lane_;
    int failures_;
  };

  /// Lets go of lanes that nobody uses, and of their memory.
  void clear();

 private:
  std::unique_ptr<Lane> take();
  void give(std::unique_ptr<Lane> lane);

  int device_;
  std::mutex guard_;
  std::vector<std::unique_ptr<Lane>> idle_;
};

/// Calls work(part) for a rectangle at once or, where a device has too little memory for that, for its halves and
/// theirs. `work` starts over when it is called again.
template <class Work>
void in_parts_that_fit(Lane& lane, Rect whole, const Work& work) {
  constexpr std::int64_t kSmallestPart = 64 * 64;
  try {
    return work(whole);
  } catch (const DeviceOutOfMemory&) {
    if (whole.area() <= kSmallestPart) throw;
  }
  lane.drain();
  const bool across = whole.width > whole.height;
  const int first = (across ? whole.width : whole.height) / 2;
  Rect part = whole, rest = whole;
  if (across) {
    part.width = first, rest.x += first, rest.width -= first;
  } else {
    part.height = first, rest.y += first, rest.height -= first;
  }
  in_parts_that_fit(lane, part, work);
  in_parts_that_fit(lane, rest, work);
}

}  // namespace hexaplex
