#pragma once

#include <cstdint>

#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/unrolled.h"

namespace hexaplex::detail {

/// Walks down a column of an image whose edge pixels repeat, and keeps as many values in registers as a filter of
/// radius kRadius needs for kStep rows at once.
template <int kRadius, int kStep>
class ColumnWindow {
 public:
  /// Of column x, for rows from `first` on.
  HX_HD ColumnWindow(const Plane<const std::uint16_t>& src, int x, int first)
      : src_(src), x_(static_cast<unsigned>(nearest_inside(x, src.extent.width))), next_(first - kRadius) {
    read<0, 2 * kRadius>();
  }

  /// Reads what the next kStep rows need: `values[kRadius + i]` is the pixel of row i of them.
  HX_HD void read_step() { read<2 * kRadius, kStep>(); }
  /// Leaves them behind.
  HX_HD void end_step() {
    unrolled<2 * kRadius>([&](int i) { values[i] = values[i + kStep]; });
  }

  std::uint32_t values[2 * kRadius + kStep];

 private:
  // All reads are under way at once. Rows are the same for neighbouring threads, so that their places are too.
  template <int at, int n>
  HX_HD void read() {
    const int last = src_.extent.height - 1;
    if (next_ >= 0 && next_ + n - 1 <= last) {
      const std::uint16_t* row = src_.row(next_);
      unrolled<n>([&](int i) {
        values[at + i] = row[x_];
        row += src_.pitch;
      });
    } else {
      unrolled<n>([&](int i) { values[at + i] = src_.row(nearest_inside(next_ + i, last + 1))[x_]; });
    }
    next_ += n;
  }

  const Plane<const std::uint16_t>& src_;
  unsigned x_;
  int next_;
};

}  // namespace hexaplex::detail
