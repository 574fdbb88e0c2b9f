#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/measure/label_runs.h"

namespace hexaplex {

/// Pixels begin <= x < end of a row.
struct Interval {
  int begin, end;
};

/// The pixels of one object, row by row. Keeps its memory from object to object.
class RowIntervals {
 public:
  void clear();
  /// Rows come in ascending order, a row's intervals from left to right.
  void start_row(int y) { rows_.push_back({y, intervals_.size()}); }
  void add(Interval interval) { intervals_.push_back(interval); }

  /// Replaces all. Touching runs become one interval, whatever part of the region they are.
  /// @param runs  of one region, in raster order, not overlapping
  void assign(std::span<const PixelRun> runs);

  std::size_t size() const { return rows_.size(); }
  int y(std::size_t row) const { return rows_[row].y; }
  std::span<const Interval> operator[](std::size_t row) const {
    const std::size_t end = row + 1 == rows_.size() ? intervals_.size() : rows_[row + 1].first;
    return {intervals_.data() + rows_[row].first, end - rows_[row].first};
  }
  /// The intervals of row y; none where the object has no pixel there.
  std::span<const Interval> at_y(int y) const;
  std::span<const Interval> all() const { return intervals_; }

 private:
  struct Row {
    int y;
    std::size_t first;  // of its intervals
  };
  std::vector<Interval> intervals_;
  std::vector<Row> rows_;
};

}  // namespace hexaplex
