#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

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

/// The crosstalk table as Akoya's unmixing report measures it. For each primary the pixels are ordered by value, ties
/// by raster position; the first 0.01 % (rounded up) are skipped, and the next 3,200 (or as many as there are) taken.
/// Means are sums in double in raster order.
///
/// @param planes  whole components, all of one extent, finite values
/// Result:  does not depend on threads or tiles
/// Throws:  InvalidArgument where names and planes differ in number, or extents differ
CrosstalkTable crosstalk_table(const CpuQueue& q, std::span<const std::string> names,
                               std::span<const Plane<const float>> planes);

/// "good for expression" (below 2 %), "good for phenotyping" (below 5 %), "fair", or "poor" (above 10 %).
const char* crosstalk_grade(double ratio);

}  // namespace hexaplex
