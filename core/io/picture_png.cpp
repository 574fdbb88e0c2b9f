#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <string>

#include "core/io/picture.h"
#include "core/io/text.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

/// What the callbacks of libpng need. Its errors jump, so that functions which set a jump own nothing.
struct PngSource {
  const FileBytes* file;
  std::uint64_t position = 0;
  std::string error;
};

struct PngReader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  static_cast<PngSource*>(png_get_error_ptr(png))->error = clean_text(message);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep dst, png_size_t count) {
  auto& s = *static_cast<PngSource*>(png_get_io_ptr(png));
  std::size_t n = 0;
  try {
    n = s.position < s.file->size() ? s.file->read_some(s.position, dst, count) : 0;
  } catch (const Error&) {
    n = 0;
  }
  s.position += n;
  if (n != count) png_error(png, "the file ends too early");
}

/// Everything before the pixels. No object with a destructor lives across a jump.
bool read_header(PngReader& r) {
  if (setjmp(png_jmpbuf(r.png))) return false;
  png_set_crc_action(r.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_chunk_malloc_max(r.png, 8u << 20);
  png_set_chunk_cache_max(r.png, 64);
  png_read_info(r.png, r.info);
  const int type = png_get_color_type(r.png, r.info);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(r.png);
  if (type == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(r.png, r.info) < 8) png_set_expand_gray_1_2_4_to_8(r.png);
  if ((type & PNG_COLOR_MASK_ALPHA) != 0) png_set_strip_alpha(r.png);
  if (png_get_bit_depth(r.png, r.info) == 16) png_set_swap(r.png);
  png_set_interlace_handling(r.png);
  png_read_update_info(r.png, r.info);
  return true;
}

bool read_rows(PngReader& r, png_bytepp rows) {
  if (setjmp(png_jmpbuf(r.png))) return false;
  png_read_image(r.png, rows);
  png_read_end(r.png, nullptr);
  return true;
}

}  // namespace

Picture read_png(const FileBytes& file) {
  PngSource source{&file, 0, {}};
  const auto fail = [&] {
    throw InputError(file.name(), "is a damaged PNG: " + source.error + "; copy or export it again");
  };
  PngReader r;
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  if (r.png != nullptr) r.info = png_create_info_struct(r.png);
  if (r.info == nullptr) throw OutOfMemory(0, "libpng");
  png_set_read_fn(r.png, &source, on_read);
  png_set_user_limits(r.png, 1u << 20, 1u << 20);
  if (!read_header(r)) fail();

  Picture p;
  const std::size_t width = png_get_image_width(r.png, r.info), height = png_get_image_height(r.png, r.info);
  p.samples = png_get_channels(r.png, r.info);
  p.bits = png_get_bit_depth(r.png, r.info);
  p.significant_bits = p.bits;
  check_picture_size(file, width, height, p.samples);
  if (p.samples != 1 && p.samples != 3) throw InputError(file.name(), fmt::format("has {} samples a pixel", p.samples));
  p.extent = {static_cast<int>(width), static_cast<int>(height)};
  const png_uint_32 x_per_metre = png_get_x_pixels_per_meter(r.png, r.info);
  const png_uint_32 y_per_metre = png_get_y_pixels_per_meter(r.png, r.info);
  if (x_per_metre > 0) p.um_per_px_x = 1e6 / x_per_metre;
  if (y_per_metre > 0) p.um_per_px_y = 1e6 / y_per_metre;
  p.alpha_dropped = (png_get_color_type(r.png, r.info) & PNG_COLOR_MASK_ALPHA) != 0;

  const std::size_t row_values = width * static_cast<std::size_t>(p.samples);
  p.pixels.resize(row_values * height);
  // Rows of 8 bits lie in the second half of their place, so that they widen forwards in it.
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) {
    auto* row = reinterpret_cast<png_bytep>(p.pixels.data() + y * row_values);
    rows[y] = p.bits == 16 ? row : row + row_values;
  }
  if (!read_rows(r, rows.data())) fail();
  if (p.bits == 8) {
    for (std::size_t y = 0; y < height; ++y) {
      std::uint16_t* row = p.pixels.data() + y * row_values;
      for (std::size_t i = 0; i < row_values; ++i) row[i] = rows[y][i];
    }
  }
  return p;
}

}  // namespace hexaplex
