#include "core/segmentation/coarser.h"

#include <algorithm>

#include "kernels/resample/shrink.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

namespace {

WindowLoader coarser(const WindowLoader& load, Extent full, int factor) {
  return [load, full, factor](CpuQueue& q, Rect window, Plane<std::uint16_t> dst) {
    const int x = window.x * factor, y = window.y * factor;
    HostPlane<std::uint16_t> fine(
        {std::min(window.right() * factor, full.width) - x, std::min(window.bottom() * factor, full.height) - y});
    load(q, {x, y, fine.width(), fine.height()}, fine.view());
    shrink(q, fine.view(), dst, factor);
  };
}

}  // namespace

NucleiImages coarser(const NucleiImages& images, int factor) {
  if (factor == 1) return images;
  NucleiImages out;
  out.extent = shrunk_extent(images.extent, factor);
  out.nuclear = coarser(images.nuclear, images.extent, factor);
  if (images.wall) out.wall = coarser(images.wall, images.extent, factor);
  return out;
}

}  // namespace hexaplex
