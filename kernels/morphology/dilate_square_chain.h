#pragma once

#include <algorithm>
#include <utility>

#include "kernels/morphology/dilate_square.h"
#include "kernels/morphology/packed_mask.h"

namespace hexaplex::detail {

/// Each pixel with those `by` to its sides, above and below, and at their corners. Edge pixels repeat.
struct SpreadSquare {
  PackedMask src, dst;
  int by;

  HX_HD void operator()(int w, int y) const {
    const int last = src.extent.height - 1;
    const std::uint32_t above = spread(src.row(y > by ? y - by : 0), w), own = spread(src.row(y), w);
    const std::uint32_t below = spread(src.row(y < last - by ? y + by : last), w);
    dst.row(y)[w] = (above | own | below) & src.inside(w, y);
  }

 private:
  /// Word w of a row, with what lies `by` before and after.
  HX_HD std::uint32_t spread(const std::uint32_t* row, int w) const {
    const int words = by / 32, bits = by % 32;
    const std::uint64_t before = pair(row, w - words - 1), after = pair(row, w + words);
    return word(row, w) | static_cast<std::uint32_t>(before >> (32 - bits)) | static_cast<std::uint32_t>(after >> bits);
  }
  HX_HD std::uint64_t pair(const std::uint32_t* row, int w) const {
    return word(row, w) | static_cast<std::uint64_t>(word(row, w + 1)) << 32;
  }
  HX_HD std::uint32_t word(const std::uint32_t* row, int w) const {
    const int last = src.across - 1;
    if (w < 0) return (row[0] & 1u) != 0 ? ~0u : 0;
    if (w < last) return row[w];
    const int end = (src.extent.width - 1) % 32;  // the last pixel's bit
    const bool edge = (row[last] >> end & 1u) != 0;
    const std::uint32_t beyond = edge ? ~0u : 0;
    return w > last ? beyond : row[last] | (beyond << end);
  }
};

/// A square of radius r spread by at most 2 r + 1 is one of radius r + that: a few launches for any radius.
/// Memory: a quarter of a byte a pixel.
template <class Q>
void dilate_square_chain(const Q& q, Plane<const std::uint8_t> src, Plane<std::uint8_t> dst, int radius) {
  const Extent e = src.extent;
  const std::int64_t size = packed_size(e);
  const WorkBuffer<std::uint32_t, Q> words(q, 2 * size);
  PackedMask from{words.data(), e, packed_width(e)}, to{words.data() + size, e, packed_width(e)};
  pack_mask(q, src, from);
  for (int done = 0; done < radius;) {
    const int by = std::min(radius - done, 2 * done + 1);
    for_each_pixel(q, {from.across, e.height}, SpreadSquare{from, to, by}, "dilating a mask");
    std::swap(from, to);
    done += by;
  }
  unpack_mask(q, from, dst);
}

}  // namespace hexaplex::detail
