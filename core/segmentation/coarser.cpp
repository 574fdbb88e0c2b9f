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

// A coarse pixel is tissue where its first pixel is: rectangles that touch still do, and overlap nowhere. The pixel to
// the right of one, and below, may be tissue in part.
WindowTissue coarser(const WindowTissue& tissue, Extent full, Extent coarse, int factor) {
  return [=](Rect window) {
    const Rect fine = common({window.x * factor, window.y * factor, window.width * factor, window.height * factor},
                             {0, 0, full.width, full.height});
    const auto edge = [factor](int at, int end, int coarse_end) { return at == end ? coarse_end : at / factor; };
    std::vector<Rect> out;
    for (const Rect& r : tissue(fine)) {
      const int left = r.x / factor, top = r.y / factor;
      const int right = edge(r.right(), full.width, coarse.width);
      const int bottom = edge(r.bottom(), full.height, coarse.height);
      if (left < right && top < bottom) out.push_back({left, top, right - left, bottom - top});
    }
    return out;
  };
}

}  // namespace

NucleiImages coarser(const NucleiImages& images, int factor) {
  if (factor == 1) return images;
  NucleiImages out;
  out.extent = shrunk_extent(images.extent, factor);
  out.nuclear = coarser(images.nuclear, images.extent, factor);
  if (images.wall) out.wall = coarser(images.wall, images.extent, factor);
  if (images.tissue) out.tissue = coarser(images.tissue, images.extent, out.extent, factor);
  return out;
}

}  // namespace hexaplex
