#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/io/file_bytes.h"
#include "core/io/slide.h"

namespace hexaplex {

/// Pixels of a PNG or JPEG, decoded whole: such pictures have no tiles.
struct Picture {
  Extent extent{};
  int samples = 1;  ///< 1 grey, 3 red green blue
  int bits = 8;     ///< stored; pixels below are 16 bit either way
  int significant_bits = 8;
  bool alpha_dropped = false;
  std::optional<double> um_per_px_x, um_per_px_y;
  std::vector<std::uint16_t> pixels;  ///< [(y * width + x) * samples + sample]
};

/// Throws InputError naming the damage, an unsupported kind, or more than 512 MiB of pixels.
Picture read_png(const FileBytes& file);
Picture read_jpeg(const FileBytes& file);

bool looks_like_png(const FileBytes& file);
bool looks_like_jpeg(const FileBytes& file);

/// A picture as a slide. Colours that are grey in every pixel become one channel "Gray".
std::unique_ptr<Slide> open_picture(const FileBytes& file);

/// Throws InputError where a picture of this size would take more memory than is given to one.
void check_picture_size(const FileBytes& file, std::uint64_t width, std::uint64_t height, int samples);

}  // namespace hexaplex
