#pragma once

#include <cstdint>

#include "kernels/runtime/wide_access.h"
#include "kernels/segment/local_threshold_pixel.h"

namespace hexaplex::detail {

/// Whether a stride is one that level_stride gives: a power of two, whose divisions are shifts.
inline bool is_level_stride(int stride) {
  return stride >= 1 && stride <= kLargestLevelStride && (stride & (stride - 1)) == 0;
}
inline int level_bits(int stride) {
  int bits = 0;
  while (1 << bits < stride) ++bits;
  return bits;
}

/// level_at for strides of 2^bits.
struct FoldedLevel {
  Plane<const std::uint16_t> level;
  int bits;

  /// The two rows of cells that a row of pixels lies between.
  struct Row {
    const std::uint16_t *upper, *lower;
    std::uint32_t weight;
  };

  HX_HD int unit_bits() const { return 2 + 2 * bits; }
  HX_HD Row row(int y) const {
    const int t = from_first_centre(y), cell = t >> (bits + 1), cells = level.height();
    return {level.row(nearest_inside(cell, cells)), level.row(nearest_inside(cell + 1, cells)), weight_of(t)};
  }
  /// Between the two rows, in a column of cells.
  HX_HD std::uint32_t down(const Row& row, int cell) const {
    const int inside = nearest_inside(cell, level.width());
    return between_levels(row.upper[inside], row.lower[inside], row.weight, 1 << bits);
  }
  HX_HD std::uint32_t at(const Row& row, int x) const {
    const int t = from_first_centre(x), cell = t >> (bits + 1);
    return between_levels(down(row, cell), down(row, cell + 1), weight_of(t), 1 << bits);
  }

 private:
  /// In 1 / (2 stride) of a cell.
  HX_HD int from_first_centre(int v) const { return 2 * v + 1 - (1 << bits); }
  HX_HD std::uint32_t weight_of(int t) const { return static_cast<std::uint32_t>(t & ((2 << bits) - 1)); }
};

/// Eight neighbours against their level, for strides of 2^kBits: which cells they lie between is known beforehand.
template <int kBits>
struct AboveLevelRun {
  static constexpr int kRun = 8, kStride = 1 << kBits;
  /// Gaps between the centres of cells that a run touches.
  static constexpr int kGaps = kStride == 1 ? 8 : kStride < 16 ? 8 / kStride + 1 : 1;

  Plane<const std::uint16_t> src;
  FoldedLevel level;
  std::uint16_t floor;
  Plane<std::uint8_t> mask;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kRun, count = src.width() - x;
    std::uint16_t pixels[kRun] = {};
    load_run(src.row(y) + x, count, pixels);
    const FoldedLevel::Row row = level.row(y);
    const int start = 2 * x + 1 - kStride, first = start >> (kBits + 1);
    std::uint32_t centres[kGaps + 1];
    unrolled<kGaps + 1>([&](int i) { centres[i] = level.down(row, first + i); });
    std::uint8_t out[kRun];
    unrolled<kRun>([&](int i) {
      const int fixed = 2 * i + 1 - kStride;  // start is a multiple of two strides away, where these are small
      const int gap = kGaps == 1 ? 0 : (fixed >> (kBits + 1)) + (kStride > 1 ? 1 : 0);
      const int weight = kGaps == 1 ? (start & (2 * kStride - 1)) + 2 * i : fixed & (2 * kStride - 1);
      const std::uint32_t between =
          between_levels(centres[gap], centres[gap + 1], static_cast<std::uint32_t>(weight), kStride);
      out[i] = pixels[i] * level_unit(kStride) > between && pixels[i] > floor ? 1 : 0;
    });
    store_run(mask.row(y) + x, count, out);
  }
};

}  // namespace hexaplex::detail
