#pragma once

#include <algorithm>
#include <cstdint>

#include "core/compute/lane.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

// Large planes between the host and a device, in bands of rows: the threads of the host make or take the pixels while
// earlier bands are copied.

namespace detail {
/// Calls f(lane, rows) for bands that cover a plane, each on a lane of its own.
template <class F>
void for_each_copied_band(const CpuQueue& q, LanePool& lanes, Extent e, std::size_t pixel_bytes, const F& f) {
  constexpr std::int64_t kBandBytes = std::int64_t{4} << 20;
  if (e.empty()) return;
  const std::int64_t row_bytes = static_cast<std::int64_t>(pixel_bytes) * e.width;
  const int rows = static_cast<int>(std::clamp<std::int64_t>(kBandBytes / row_bytes, 1, e.height));
  for_each_task(q, (e.height + rows - 1) / rows, [&](std::int64_t i) {
    const int y = static_cast<int>(i) * rows;
    const LanePool::Lease lane(lanes);
    f(*lane, Rect{0, y, e.width, std::min(rows, e.height - y)});
    lane->finish();
  });
}
}  // namespace detail

/// Sends pixels to a plane on a device.
/// @param make(band, dst)  writes the pixels of some rows; called from several threads
/// @param to               nothing on its queue waits
template <class T, class Make>
void send_in_bands(const CpuQueue& q, LanePool& lanes, Plane<T> to, const Make& make) {
  detail::for_each_copied_band(q, lanes, to.extent, sizeof(T), [&](Lane& lane, Rect band) {
    const Plane<T> staged = lane.host_plane<T>(band.extent());
    make(band, staged);
    lane.send(staged, to.window(band));
  });
}

/// Brings a plane from a device to the host.
/// @param from  nothing on its queue waits
template <class T>
HostPlane<T> fetch_in_bands(const CpuQueue& q, LanePool& lanes, Plane<const T> from) {
  HostPlane<T> to(from.extent);
  detail::for_each_copied_band(q, lanes, from.extent, sizeof(T), [&](Lane& lane, Rect band) {
    lane.fetch<T>(from.window(band), to.view().window(band));
  });
  return to;
}

}  // namespace hexaplex
