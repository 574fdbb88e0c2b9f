#pragma once

#include "kernels/runtime/error.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/word_bits.h"

namespace hexaplex::detail {

/// Pixels of an image in words of 32, each row's words its own: a tile whose sides are multiples of 32 writes whole
/// words, and names rise in raster order.
struct RasterWords {
  Extent image;
  std::uint32_t across;  ///< words of a row

  /// Throws InvalidArgument where the names of pixels need more than 32 bits.
  static RasterWords of(Extent image) {
    const RasterWords out{image, static_cast<std::uint32_t>((image.width - 1) / 32 + 1)};
    HX_EXPECT(out.words() < std::int64_t{1} << 27, "a plane on the device must have fewer than 2^32 - 1 pixels");
    return out;
  }
  std::int64_t words() const { return static_cast<std::int64_t>(across) * image.height; }
  std::size_t pixels() const { return static_cast<std::size_t>(words()) * 32; }

  HX_HD bool has_word(int x, int y) const { return x < image.width && y < image.height; }
  HX_HD std::uint32_t name(int x, int y) const {
    return static_cast<std::uint32_t>(y) * (across * 32) + static_cast<std::uint32_t>(x);
  }
  HX_HD int x(std::uint32_t name) const { return static_cast<int>(name % (across * 32)); }
  HX_HD int y(std::uint32_t name) const { return static_cast<int>(name / (across * 32)); }
};

/// Chosen pixels, with the number of those before each word: what numbers them in raster order.
struct NumberedPixels {
  const std::uint32_t* chosen;  ///< by word, a bit a pixel
  const std::uint32_t* before;  ///< by word

  /// 1 for the first chosen pixel; 0 for one that is not chosen.
  HX_HD std::uint32_t number(std::uint32_t name) const {
    const std::uint32_t word = chosen[name / 32], bit = name % 32;
    if ((word >> bit & 1) == 0) return 0;
    return before[name / 32] + static_cast<std::uint32_t>(count_bits(word & bits_up_to(static_cast<int>(bit))));
  }
};

}  // namespace hexaplex::detail
