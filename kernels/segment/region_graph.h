#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Additive sums of one region: a merge adds them up. Coordinates are those of the image.
struct RegionSums {
  std::int64_t area = 0;
  std::int64_t x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  std::int64_t level = 0;   ///< of the smoothed logarithm
  std::int64_t wall = 0;    ///< of the smoothed membranes
  std::int64_t linear = 0;  ///< of the smoothed linear image

  HX_HD void add(const RegionSums& o) {
    area += o.area;
    x += o.x, y += o.y, xx += o.xx, yy += o.yy, xy += o.xy;
    level += o.level, wall += o.wall, linear += o.linear;
  }
};

/// Mean of the linear image over a region that has pixels, rounded half up.
HX_HD inline std::uint16_t mean_linear(const RegionSums& r) {
  return static_cast<std::uint16_t>((r.linear + r.area / 2) / r.area);
}

/// Where two regions touch: pairs of pixels, one in each, that share a side. first < second.
struct Contact {
  std::uint32_t first = 0, second = 0;
  std::int64_t length = 0;  ///< pairs of pixels
  std::int64_t level = 0;   ///< sum over both pixels of each pair: twice the sum of the pair's mean
  std::int64_t wall = 0;

  void add(const Contact& o) {
    length += o.length;
    level += o.level;
    wall += o.wall;
  }
};

/// Regions by label (entry 0 is unused) and their contacts in order of (first, second).
struct RegionGraph {
  HostVector<RegionSums> regions;
  HostVector<Contact> contacts;
};

/// Images to sum over regions; all have the same extent.
struct RegionImages {
  Plane<const std::uint16_t> level, wall, linear;  ///< wall may be empty (data == nullptr): no membranes
};

/// Collects sums and contacts tile by tile. Tiles may come in any order and from any thread: the graph is the same.
class RegionGraphBuilder {
 public:
  /// @param regions  labels are 1 .. regions
  explicit RegionGraphBuilder(std::size_t regions);

  /// Adds the pixels of `core`, and the contacts of each with its right and lower neighbour.
  ///
  /// @param labels  of the whole image
  /// @param images  of a window whose first pixel is (x0, y0) of the image; it holds core and one pixel more to the
  /// right
  ///                and below, where the image goes on
  /// Throws: InvalidArgument
  void add(CpuQueue& q, Rect core, Plane<const std::uint32_t> labels, const RegionImages& images, int x0, int y0);

  /// The graph; the builder is empty afterwards.
  RegionGraph finish();

 private:
  std::mutex guard_;
  RegionGraph graph_;
};

/// Sorts contacts and adds up those of the same pair.
void aggregate_contacts(HostVector<Contact>& contacts);

}  // namespace hexaplex
