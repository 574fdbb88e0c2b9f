#include "core/report/quality_picture.h"

#include <png.h>

#include <vector>

#include "core/report/palette.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

std::string draw_quality(const QualityMask& mask) {
  const Extent grid = mask.grid();
  HX_EXPECT(!grid.empty(), "a picture needs squares");
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(grid.width);
  image.height = static_cast<png_uint_32>(grid.height);
  image.format = PNG_FORMAT_RGB_COLORMAP;
  image.colormap_entries = kUnusableReasons;
  std::vector<std::uint8_t> colours;
  for (int r = 0; r < kUnusableReasons; ++r) {
    const auto reason = static_cast<Unusable>(r);
    const Colour c = reason == Unusable::none          ? Colour{200, 200, 200}
                     : reason == Unusable::glass       ? Colour{20, 20, 20}
                     : reason == Unusable::not_scanned ? Colour{0, 0, 0}
                                                       : unusable_colour(reason);
    colours.insert(colours.end(), c.begin(), c.end());
  }
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < grid.height; ++y)
    for (int x = 0; x < grid.width; ++x) pixels.push_back(static_cast<std::uint8_t>(mask.square(x, y)));
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image) + 1024;
  std::string file(size, '\0');
  if (!png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), static_cast<png_int_32>(grid.width),
                                 colours.data()))
    throw Error(std::string("the picture of the quality mask cannot be encoded: ") + image.message);
  file.resize(size);
  return file;
}

}  // namespace hexaplex
