#pragma once

#include <span>
#include <vector>

#include "core/cells/cell_table.h"
#include "kernels/measure/label_runs.h"
#include "kernels/measure/row_intervals.h"

namespace hexaplex {

/// Measures the shape of one object from its runs. Keeps scratch memory from object to object: one meter per thread.
///
/// Definitions, all from integer counts and moments, after scikit-image 0.19 `regionprops` unless noted:
/// - area, centroid, extent (area over bounding box)
/// - axes: 4 sqrt of the eigenvalues of the second central moments (no 1/12 for the pixel); eccentricity
///   sqrt(1 - l2 / l1), 0 for a point
/// - orientation: angle between the image's y axis and the major axis, -pi/2..pi/2, pi/4 where there is no direction.
///   Departure: where both axes have equal variance but a direction exists, the continuous value (0.19 turns its sign)
/// - perimeter: border pixels (4-neighbourhood) weighted 1, sqrt 2 or (1 + sqrt 2) / 2 by the pattern of border pixels
///   around them. The outside of the image is not of the object
/// - solidity: area over the number of pixel centres in the convex hull of the middles of the pixels' edges, the hull's
///   own outline included; exact in integers
/// - circularity (not of scikit-image): 4 pi area / perimeter^2, NaN for perimeter 0; above 1 for tiny objects
/// - calipers (not of scikit-image): largest and smallest distance between parallel lines around that hull
class ShapeMeter {
 public:
  /// @param runs  of one object, in raster order, not overlapping; may touch
  /// @param full  false: area, centroid, extent and box only; the rest is NaN
  Shape measure(std::span<const PixelRun> runs, bool full);

 private:
  struct Point {
    std::int64_t x, y;  // in half pixels
  };

  void measure_moments(Shape& shape, bool full) const;
  void measure_perimeter(Shape& shape);
  void measure_hull(Shape& shape);
  void find_border();
  void measure_calipers(Shape& shape) const;

  RowIntervals pixels_, border_;
  std::vector<Interval> inner_, next_;
  std::vector<unsigned char> lines_[3], nothing_;  // border pixels of three rows; all zero between calls
  std::vector<Point> left_, right_, hull_;
};

}  // namespace hexaplex
