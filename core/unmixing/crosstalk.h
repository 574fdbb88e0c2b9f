#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// How much of each component is seen where another is bright.
struct CrosstalkTable {
  std::vector<std::string> components;
  /// [primary x other]: mean(other) / mean(primary) over the bright pixels of the primary; 1 on the diagonal; NaN in
  /// the row of a primary without signal there.
  std::vector<double> ratio;
  std::vector<std::int64_t> pixels;  ///< bright pixels taken per primary
  std::vector<double> evenness;      ///< per primary: weakest bright pixel / their mean; NaN without signal
  std::vector<double> support;       ///< per primary: mean of the bright pixels' neighbours / their mean; NaN without

  double at(int primary, int other) const {
    return ratio[static_cast<std::size_t>(primary) * components.size() + other];
  }

  /// Whether the row of a primary says something about unmixing. It does not where the stain covers too few pixels: the
  /// "bright" ones are then noise (alone among dark neighbours: support below 0.5) or mostly background (evenness below
  /// 0.6); nor for autofluorescence, which no pixel carries alone.
  bool assessable(int primary) const;
};

/// Collects the crosstalk table as Akoya's unmixing report measures it. For each primary the pixels are ordered by
/// value, ties by raster position; the first 0.01 % (rounded up) are skipped, and the next 3,200 (or as many as there
/// are) taken. Means are sums in double in raster order.
///
/// Memory: some 0.04 bytes a pixel of the image and component, for the candidates.
/// Result: does not depend on threads, nor on the windows and their order
class CrosstalkCollector {
 public:
  /// @param pixels  of the image that will be added; the others count as 0 where they are neighbours
  CrosstalkCollector(std::vector<std::string> names, Extent image, std::int64_t pixels);
  CrosstalkCollector(std::vector<std::string> names, Extent image)
      : CrosstalkCollector(std::move(names), image, image.area()) {}
  ~CrosstalkCollector();

  /// Adds a window of all components. Windows cover what is looked at once; from any thread.
  /// @param planes  of window's extent, one per name, finite values
  /// Throws: InvalidArgument where planes do not fit
  void add(Rect window, std::span<const Plane<const float>> planes);

  /// Gives a few pixels of one component once more: neighbours of bright pixels at the edge of a window.
  using Reader = std::function<HostPlane<float>(Rect window, int component)>;
  CrosstalkTable finish(const Reader& read);

 private:
  class Brightest;
  std::vector<std::string> names_;
  Extent image_;
  std::vector<std::unique_ptr<Brightest>> primaries_;
};

/// The same for whole planes.
CrosstalkTable crosstalk_table(const CpuQueue& q, std::span<const std::string> names,
                               std::span<const Plane<const float>> planes);

/// "good for expression" (below 2 %), "good for phenotyping" (below 5 %), "fair", or "poor" (above 10 %).
const char* crosstalk_grade(double ratio);

}  // namespace hexaplex
