#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hexaplex {

/// Values of tags (TIFF 6.0 and its supplements) that this code decides on.
namespace tiff {
enum Compression : std::uint32_t { kNone = 1, kLzw = 5, kJpeg = 7, kDeflate = 8, kZstd = 50000, kOldDeflate = 32946 };
enum Photometric : std::uint32_t {
  kWhiteIsZero = 0,
  kBlackIsZero = 1,
  kRgb = 2,
  kPalette = 3,
  kSeparated = 5,
  kYCbCr = 6
};
enum SampleFormat : std::uint32_t { kUint = 1, kInt = 2, kFloat = 3 };
enum ResolutionUnit : std::uint32_t { kNoUnit = 1, kInch = 2, kCentimetre = 3 };
}  // namespace tiff

/// A tag's values, left in the file: (offset, bytes).
struct TiffBlob {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// A list of unsigned numbers, left in the file.
struct TiffNumbers {
  std::uint64_t offset = 0;
  std::uint32_t bytes_each = 0;
};

/// One image file directory, as checked by the pre-scan. Everything the readers decide on is here; libtiff only
/// decodes.
struct TiffPage {
  std::string label;         ///< for messages: "page 3", "page 1, level 2"
  std::uint64_t offset = 0;  ///< of the directory
  std::uint32_t width = 0, height = 0;
  std::uint32_t bits = 1, samples = 1, sample_format = tiff::kUint;
  std::uint32_t compression = tiff::kNone, photometric = tiff::kBlackIsZero, predictor = 1;
  bool planar = false;  ///< samples in planes of their own
  bool tiled = false;
  std::uint32_t block_width = 0, block_height = 0;  ///< of a tile, or of a strip (width x rows)
  std::uint32_t subfile_type = 0;                   ///< NewSubfileType: 1 reduced, 4 mask, 8 macro
  std::uint64_t first_block_offset = 0;
  std::string block_problem;               ///< of the first tile or strip that cannot be there; empty: none
  TiffNumbers block_offsets, block_bytes;  ///< where each tile or strip lies, and how long it is
  std::uint32_t fill_order = 1;            ///< 2: the bits of each byte run backwards
  bool big_endian = false;                 ///< byte order of the file
  std::uint32_t extra_samples = 0;         ///< how many
  bool has_alpha = false;                  ///< the first extra sample is an alpha channel
  bool palette_is_ramp = false;  ///< the colour table only brightens: a display look-up table over intensities
  std::optional<double> x_resolution, y_resolution;  ///< pixels per unit; absent where 0, infinite or missing
  std::uint32_t resolution_unit = tiff::kInch;
  std::string description, software, page_name;  ///< raw bytes
  TiffBlob imagej_counts, imagej_metadata;       ///< tags 50838 and 50839
  std::vector<TiffPage> levels;                  ///< SubIFDs

  bool reduced() const { return (subfile_type & 1u) != 0; }
};

/// What the pre-scan found in a whole file.
struct TiffIndex {
  bool big = false;         ///< BigTIFF
  bool big_endian = false;  ///< byte order of the samples
  std::vector<TiffPage> pages;
};

}  // namespace hexaplex
