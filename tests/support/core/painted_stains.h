#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/stains/colour_table.h"
#include "tests/support/core/tiff_builder.h"

namespace hexaplex::test {

/// A pixel of a picture.
struct Rgb8 {
  std::uint8_t r = 0, g = 0, b = 0;
};

/// An uncompressed RGB TIFF; `bits` 8 or 16. Pixels in row order.
BuiltTiff rgb_tiff(Extent extent, const std::vector<Rgb8>& pixels, int bits = 8);

/// The colours of pixels, gathered as survey_colours says it does, from counts of its own.
std::vector<Colour> colours_of(const std::vector<Rgb8>& pixels);

inline constexpr double kPaintedWhite = 242;

/// Pixels of made-up sections by Beer and Lambert on glass of kPaintedWhite: nuclei, tissue with a tint of the
/// counterstain, glass, and some noise of the camera. The counterstain comes first.
struct PaintedSection {
  std::vector<StainVector> stains;
  bool second_is_there = true;
  unsigned seed = 1;
};
std::vector<Rgb8> painted_pixels(const PaintedSection& section, std::size_t count = 60000);

/// A unit vector `degrees` away from v, in a direction across it that `around` (in degrees) chooses.
StainVector turned(const StainVector& v, double degrees, double around);
double degrees_between(const StainVector& a, const StainVector& b);

}  // namespace hexaplex::test
