#include "core/io/tiff_block_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/io/tiff_codec.h"

namespace hexaplex {

namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

std::uint64_t blocks_across(const TiffPage& page) {
  return ceil_div(page.width, page.block_width);
}

std::uint64_t blocks_down(const TiffPage& page) {
  return ceil_div(page.height, page.block_height);
}

std::uint64_t number_at(const FileBytes& file, const TiffPage& page, TiffNumbers numbers, std::uint32_t index) {
  std::array<std::uint8_t, 8> b{};
  file.read(numbers.offset + std::uint64_t{index} * numbers.bytes_each, b.data(), numbers.bytes_each);
  std::uint64_t v = 0;
  for (std::uint32_t i = 0; i < numbers.bytes_each; ++i)
    v = v << 8 | b[page.big_endian ? i : numbers.bytes_each - 1 - i];
  return v;
}

}  // namespace

TiffBlockPlace block_place(const FileBytes& file, const TiffPage& page, std::uint32_t index) {
  return {number_at(file, page, page.block_offsets, index), number_at(file, page, page.block_bytes, index)};
}

std::uint64_t decoded_block_bytes(const TiffPage& page, std::uint64_t index) {
  // Chroma of uncompressed YCbCr is subsampled.
  const bool subsampled = page.photometric == tiff::kYCbCr && page.compression != tiff::kJpeg;
  if (subsampled || max_expansion(page.compression) == 0) return 0;
  const std::uint64_t samples = page.planar ? 1 : page.samples;
  const std::uint64_t row_bytes = ceil_div(std::uint64_t{page.block_width} * page.bits * samples, 8);
  const std::uint64_t row_of_blocks = (index / blocks_across(page)) % blocks_down(page);
  return row_bytes *
         (page.tiled ? page.block_height
                     : std::min<std::uint64_t>(page.block_height, page.height - row_of_blocks * page.block_height));
}

std::string block_problem(const TiffPage& page, std::uint64_t index, TiffBlockPlace place, std::uint64_t file_bytes) {
  const auto block = [&] {
    const std::uint64_t count = blocks_across(page) * blocks_down(page) * (page.planar ? page.samples : 1);
    return fmt::format("{} {} of {}", page.tiled ? "tile" : "strip", index + 1, count);
  };
  if (place.bytes == 0)
    return fmt::format("{} is missing (0 bytes); missing data is never taken as black, copy or export it again",
                       block());
  if (place.offset < 8 || place.offset > file_bytes || file_bytes - place.offset < place.bytes)
    return fmt::format(
        "{} ({} bytes at offset {}) lies outside the file of {} bytes; it is truncated or damaged, copy "
        "or export it again",
        block(), place.bytes, place.offset, file_bytes);
  const std::uint64_t decoded = decoded_block_bytes(page, index);
  if (decoded == 0) return {};
  if (page.compression == tiff::kNone && place.bytes < decoded)
    return fmt::format("{} has {} bytes, but its pixels need {}; it is truncated, copy or export it again", block(),
                       place.bytes, decoded);
  if (decoded / max_expansion(page.compression) > place.bytes)
    return fmt::format("{} has {} bytes, which {} cannot expand to the {} that its pixels need", block(), place.bytes,
                       compression_name(page.compression), decoded);
  return {};
}

}  // namespace hexaplex
