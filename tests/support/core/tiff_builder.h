#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hexaplex::test {

using Bytes = std::vector<std::uint8_t>;

/// One tag as it will be written: integers in `values`, or `text` (types 1, 2, 7), or pairs of a fraction (type 5).
struct BuiltTag {
  std::uint16_t type = 3;
  std::vector<std::uint64_t> values;
  std::string text;
};

/// One directory and its pixels, byte for byte as wanted, so that wrong ones can be made too.
struct BuiltPage {
  std::map<std::uint16_t, BuiltTag> tags;
  std::vector<Bytes> blocks;  ///< strips or tiles; offsets and byte counts are added unless `tags` has them
  bool tiled = false;
  std::vector<BuiltPage> levels;  ///< SubIFDs

  BuiltPage& set(std::uint16_t tag, std::uint64_t value, std::uint16_t type = 4) {
    tags[tag] = {type, {value}, {}};
    return *this;
  }
  BuiltPage& set_text(std::uint16_t tag, std::string text) {
    tags[tag] = {2, {}, text + '\0'};
    return *this;
  }
  BuiltPage& set_fraction(std::uint16_t tag, std::uint64_t numerator, std::uint64_t denominator) {
    tags[tag] = {5, {numerator, denominator}, {}};
    return *this;
  }
};

struct BuiltTiff {
  Bytes bytes;
  std::vector<std::size_t> directory_at;  ///< by page
  std::vector<std::size_t> next_at;       ///< where the offset of the page after this one is kept
  std::map<std::pair<std::size_t, std::uint16_t>, std::size_t> entry_at;  ///< by page and tag

  void put(std::size_t at, std::uint64_t value, int count, bool big_endian = false);
};

/// Lays out a classic TIFF or a BigTIFF in either byte order.
BuiltTiff build_tiff(const std::vector<BuiltPage>& pages, bool big = false, bool big_endian = false);

/// A grey page of strips; `pixels` in row order, each `bits` / 8 bytes wide.
BuiltPage grey_page(std::uint32_t width, std::uint32_t height, const std::vector<std::uint64_t>& pixels, int bits = 8,
                    std::uint32_t rows_per_strip = 0, bool big_endian = false);

Bytes file_bytes(const std::filesystem::path& path);

}  // namespace hexaplex::test
