#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/wide_access.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

// Masks of one bit a pixel: an eighth of the memory, and 32 pixels an operation. Pixel x is bit x % 32 of word x / 32;
// what lies beyond the width is 0.

struct PackedMask {
  std::uint32_t* words;
  Extent extent;  ///< pixels
  int across;     ///< words of a row

  HX_HD std::uint32_t* row(int y) const { return words + static_cast<std::int64_t>(y) * across; }
  /// The bits of word w that are pixels of row y: none beyond the image.
  HX_HD std::uint32_t inside(int w, int y) const {
    if (w < 0 || w >= across || y < 0 || y >= extent.height) return 0;
    const int rest = extent.width - 32 * w;
    return rest >= 32 ? ~0u : (1u << rest) - 1;
  }
};

inline int packed_width(Extent e) {
  return (e.width + 31) / 32;
}
inline std::int64_t packed_size(Extent e) {
  return std::int64_t{packed_width(e)} * e.height;
}

/// Sixteen bits from sixteen pixels of 0 or 1. A product puts four bytes' lowest bits side by side: no two of the terms
/// meet, so that none is carried.
HX_HD inline std::uint32_t packed_bits(const Words<4>& pixels) {
  std::uint32_t bits = 0;
  unrolled<4>([&](int i) { bits |= (pixels.at[i] * 0x01020408u >> 24) << 4 * i; });
  return bits;
}
/// And back.
HX_HD inline Words<4> unpacked_pixels(std::uint32_t bits) {
  Words<4> pixels;
  unrolled<4>([&](int i) { pixels.at[i] = (bits >> 4 * i & 15u) * 0x00204081u & 0x01010101u; });
  return pixels;
}

/// Sixteen pixels, where at most `count` of them belong.
HX_HD inline void store_sixteen(std::uint8_t* to, std::uint32_t bits, int count) {
  if (count >= 16 && is_aligned(to, 16)) {
    store_words<4>(to, unpacked_pixels(bits));
    return;
  }
  for (int i = 0; i < 16 && i < count; ++i) to[i] = static_cast<std::uint8_t>(bits >> i & 1u);
}

struct PackMask {
  Plane<const std::uint8_t> src;
  PackedMask dst;

  HX_HD void operator()(int w, int y) const {
    const int x = 32 * w, count = src.width() - x;
    const std::uint8_t* from = src.row(y) + x;
    std::uint32_t bits = 0;
    if (count >= 32 && is_aligned(from, 16)) {
      const Words<4> first = load_words<4>(from), second = load_words<4>(from + 16);
      bits = packed_bits(first) | packed_bits(second) << 16;
    } else {
      for (int i = 0; i < 32 && i < count; ++i) bits |= (from[i] != 0 ? 1u : 0u) << i;
    }
    dst.row(y)[w] = bits;
  }
};

/// A thread unpacks half a word: sixteen bytes.
struct UnpackMask {
  PackedMask src;
  Plane<std::uint8_t> dst;

  HX_HD void operator()(int half, int y) const {
    const int x = 16 * half;
    store_sixteen(dst.row(y) + x, src.row(y)[half / 2] >> half % 2 * 16, dst.width() - x);
  }
};

template <class Q>
void pack_mask(const Q& q, Plane<const std::uint8_t> src, const PackedMask& dst) {
  for_each_pixel(q, Extent{dst.across, src.height()}, PackMask{src, dst}, "packing a mask");
}

template <class Q>
void unpack_mask(const Q& q, const PackedMask& src, Plane<std::uint8_t> dst) {
  for_each_pixel(q, runs_of(dst.extent, 16), UnpackMask{src, dst}, "unpacking a mask");
}

}  // namespace hexaplex::detail
