#pragma once

#include <span>
#include <vector>

#include "kernels/measure/label_runs.h"

namespace hexaplex {

/// A corner of pixels: pixel (x, y) covers x..x+1, y..y+1.
struct Corner {
  int x, y;
  bool operator==(const Corner&) const = default;
};

/// One object as a polygon along its pixels' edges. rings[0] is the outer one, the rest are holes; a ring lists its
/// turning points once, with the object to the right of the way (y grows downwards), and closes on itself.
struct Outline {
  std::vector<std::vector<Corner>> rings;
};

/// Traces objects. Of an object in several pieces (4-neighbourhood) the largest is taken, the first in raster order of
/// equal ones, because a polygon has one outer ring. Rings are simple: where pixels of the piece meet at a corner only,
/// the ring takes the way that keeps it from touching itself. Keeps scratch memory: one tracer per thread.
class OutlineTracer {
 public:
  /// @param runs  of one object, in raster order, not overlapping; may touch
  /// Returns: no ring for no runs.
  Outline trace(std::span<const PixelRun> runs);

 private:
  void collect(std::span<const PixelRun> runs);
  void keep_largest_piece();
  void paint();

  std::vector<PixelRun> pieces_;
  std::vector<std::size_t> parent_;
  std::vector<std::int64_t> area_;
  std::vector<unsigned char> inside_, visited_;  // of the bounding box with a frame of one pixel
  int x0_ = 0, y0_ = 0, width_ = 0, height_ = 0;
};

}  // namespace hexaplex
